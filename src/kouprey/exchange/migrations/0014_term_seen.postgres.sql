-- Beside its terms a body has the label set of its version, as '~' and its number, and the most open level of that, as
-- '+' and its number, so that what a reader cannot see is not fetched first. A table made anew has no dead rows, and an
-- index is made faster than it is grown.
CREATE TABLE term_seen (
    body_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    words TSVECTOR NOT NULL
);

INSERT INTO term_seen (body_id, version_id, words)
SELECT term.body_id, term.version_id, term.words
    || CAST('''~' || version.label_set_id || ''' ''+' || opened.tlp || '''' AS TSVECTOR)
FROM term
JOIN version ON version.id = term.version_id
JOIN (
    SELECT label_set_member.label_set_id, min(label.tlp) AS tlp
    FROM label_set_member JOIN label ON label.id = label_set_member.label_id
    GROUP BY label_set_member.label_set_id
) AS opened ON opened.label_set_id = version.label_set_id
ORDER BY term.body_id;

DROP TABLE term;
ALTER TABLE term_seen RENAME TO term;
ALTER TABLE term ADD CONSTRAINT term_pkey PRIMARY KEY (body_id);
CREATE INDEX term_by_word ON term USING gin (words) WITH (gin_pending_list_limit = 1024);

-- That is the second edition of the search, which SQLite derives anew.
UPDATE edition SET edition = 2 WHERE kind = 'search';
