-- What a body can be told, once for all bodies. `text` is '' where each finding has its own words.
CREATE TABLE finding_kind (
    id {{identity}},
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (code, severity, source, text)
);

-- The findings about a body that has any: `said` is JSON, [[kind, path] or [kind, path, text], ...].
CREATE TABLE finding (
    body_id BIGINT PRIMARY KEY REFERENCES body (id),
    musts BIGINT NOT NULL,
    shoulds BIGINT NOT NULL,
    said TEXT NOT NULL
);

CREATE INDEX finding_must ON finding (body_id) WHERE musts > 0;
