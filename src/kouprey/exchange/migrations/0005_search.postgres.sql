-- The terms of every body, with their places; the terms are made by us, so that both engines find the same.
CREATE TABLE term (
    body_id BIGINT PRIMARY KEY,
    version_id BIGINT NOT NULL,
    words TSVECTOR NOT NULL
);

-- New entries wait in a list that is merged at 1 MB: a search reads through what waits.
CREATE INDEX term_by_word ON term USING gin (words) WITH (gin_pending_list_limit = 1024);

-- What a body refers to; `target_key` is a short hash of `target`, for looking up. What outlives its body is
-- found by nobody, since every search goes through the body; so nothing here is checked at ingest.
-- `place` is 0 for a property of the object itself, named by `word`; 1 and 2 for the source and
-- the target of a relationship, whose kind is `word`.
CREATE TABLE reference (
    target_key BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    word TEXT NOT NULL,
    target TEXT NOT NULL
);

CREATE INDEX reference_by_target ON reference (target_key, body_id);
CREATE INDEX reference_by_body ON reference (body_id);
CREATE INDEX version_in_conflict ON version (position) WHERE bodies > 1;
CREATE INDEX body_revoked ON body (version_id) WHERE revoked = 1;
