-- Proofs that an author signed two histories of one epoch; `evidence` is JSON of docs/spec/checkpoint.md.
CREATE TABLE fork_evidence (
    origin TEXT PRIMARY KEY,
    author TEXT NOT NULL,
    evidence {{blob}} NOT NULL,
    found_by TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Members of the audience who have been shown it.
CREATE TABLE fork_told (
    origin TEXT NOT NULL,
    party TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (origin, party)
);
