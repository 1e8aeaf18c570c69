-- An entry stands at one number, lane * 2^24 + index: one tree to append to instead of a table and its indexes.
-- (2^24 is the most entries of an epoch, docs/spec/lane.md.)
CREATE TABLE lane_entry_placed (
    place BIGINT PRIMARY KEY,
    header BYTEA NOT NULL,
    salt BYTEA NOT NULL,
    body BYTEA NOT NULL,
    state SMALLINT NOT NULL
);

-- Entries stored together: `n` from `place` on, at one time. `publication` is the number of the first where they are
-- ours, those of the others follow it one by one; it is 0 in replicas and where an entry speaks of its lane alone.
CREATE TABLE lane_run (
    place BIGINT PRIMARY KEY,
    n BIGINT NOT NULL,
    publication BIGINT NOT NULL,
    at BIGINT NOT NULL
);

INSERT INTO lane_entry_placed (place, header, salt, body, state)
SELECT lane_id * 16777216 + entry_index, header, salt, body, CASE WHEN publication < 0 THEN 3 ELSE state END
FROM lane_entry ORDER BY lane_id, entry_index;

INSERT INTO lane_run (place, n, publication, at)
SELECT lane_id * 16777216 + entry_index, 1, CASE WHEN publication < 0 THEN 0 ELSE publication END, at
FROM lane_entry ORDER BY lane_id, entry_index;

DROP TABLE lane_entry;
ALTER TABLE lane_entry_placed RENAME TO lane_entry;

CREATE INDEX lane_entry_absent ON lane_entry (place) WHERE state <> 0;
CREATE UNIQUE INDEX lane_run_published ON lane_run (publication) WHERE publication > 0;
-- What was received is read newest first over all lanes; what was given goes by its publication number.
CREATE INDEX lane_run_received ON lane_run (at, place) WHERE publication = 0;
