-- The terms of every body, with their places; the terms are made by us, so that both engines find the same.
CREATE TABLE term (
    body_id BIGINT PRIMARY KEY REFERENCES body (id),
    version_id BIGINT NOT NULL REFERENCES version (id),
    words TSVECTOR NOT NULL
);

-- Without the list of pending entries, which every search would have to read through.
CREATE INDEX term_by_word ON term USING gin (words) WITH (fastupdate = off);

-- What a body refers to. `place` is 0 for a property of the object itself, named by `word`; 1 and 2 for the source and
-- the target of a relationship, whose kind is `word`.
CREATE TABLE reference (
    target TEXT NOT NULL,
    body_id BIGINT NOT NULL REFERENCES body (id),
    place BIGINT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (target, body_id, place, word)
);

CREATE INDEX reference_by_body ON reference (body_id);
CREATE INDEX version_in_conflict ON version (position) WHERE bodies > 1;
CREATE INDEX body_revoked ON body (version_id) WHERE revoked = 1;
