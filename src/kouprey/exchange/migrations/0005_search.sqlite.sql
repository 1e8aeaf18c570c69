-- The terms of every body. Rows are keyed by the position of the version times 128, plus the place of the body among
-- the bodies of that version: to walk the keys backwards is to walk the news backwards. `seen` is the label set of the
-- version, so that what a reader cannot see is stepped over; it decides nothing. The terms themselves are not kept.
CREATE VIRTUAL TABLE term USING fts5(words, seen, content='', contentless_delete=1, tokenize='ascii');

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
