-- Node keys that their party has revoked; `note` is signed by its root key (docs/spec/card.md). Several may be about
-- one key: each names more lanes.
CREATE TABLE key_statement (
    party TEXT NOT NULL,
    serial BIGINT NOT NULL,
    note {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (party, serial)
);
