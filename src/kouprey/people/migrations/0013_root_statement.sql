-- That another root key follows one of a party, signed by both (docs/spec/card.md). One key is followed by one alone.
CREATE TABLE root_statement (
    party TEXT NOT NULL,
    root_before TEXT NOT NULL,
    note {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (party, root_before)
);
