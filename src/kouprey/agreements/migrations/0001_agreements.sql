CREATE TABLE agreement_version (
    note_sha256 {{blob}} PRIMARY KEY,
    agreement TEXT NOT NULL,
    number BIGINT NOT NULL,
    previous {{blob}} NOT NULL,
    document {{blob}} NOT NULL,
    note {{blob}} NOT NULL,
    signers TEXT NOT NULL,
    in_force_from BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX agreement_version_by_agreement ON agreement_version (agreement, number);

-- The newest notice of each party: suspend, resume or leave.
CREATE TABLE agreement_notice (
    agreement TEXT NOT NULL,
    party TEXT NOT NULL,
    serial BIGINT NOT NULL,
    act TEXT NOT NULL,
    note {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (agreement, party)
);
