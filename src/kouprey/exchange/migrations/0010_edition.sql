-- By which edition of its rules each kind of knowledge about bodies was gained: up to `done` of `upto` they follow this
-- edition (by id; for values by the id of the observable, `label_set_id` and `body_id` within its occurrences), and what
-- came later follows it anyway. Bodies that were held before this table may have been received before anybody judged or
-- indexed them.
CREATE TABLE edition (
    kind TEXT PRIMARY KEY,
    edition BIGINT NOT NULL,
    done BIGINT NOT NULL,
    upto BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL DEFAULT 0,
    body_id BIGINT NOT NULL DEFAULT 0
);

INSERT INTO edition (kind, edition, done, upto) SELECT 'findings', 1, 0, coalesce(max(id), 0) FROM body;
INSERT INTO edition (kind, edition, done, upto) SELECT 'observables', 1, 0, coalesce(max(id), 0) FROM body;
INSERT INTO edition (kind, edition, done, upto) SELECT 'search', 1, 0, coalesce(max(id), 0) FROM body;
-- Nothing was ever gained by an earlier edition, so no value stands that has to go.
INSERT INTO edition (kind, edition, done, upto) VALUES ('values', 1, 9223372036854775807, 9223372036854775807);
