-- How far each party has tightened an agreement for its part: the newest notice of each.
CREATE TABLE agreement_narrowing (
    agreement TEXT NOT NULL,
    party TEXT NOT NULL,
    version BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    note {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (agreement, party)
);

-- What parties say about a version, as signed; `version` is the hash of that version's note.
CREATE TABLE agreement_comment (
    sha256 {{blob}} PRIMARY KEY,
    agreement TEXT NOT NULL,
    version {{blob}} NOT NULL,
    party TEXT NOT NULL,
    note {{blob}} NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX agreement_comment_by_agreement ON agreement_comment (agreement, party);

-- Versions one officer has prepared for signing and a second one has yet to confirm.
CREATE TABLE agreement_prepared (
    version {{blob}} PRIMARY KEY,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL
);
