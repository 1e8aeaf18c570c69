CREATE TABLE passkey (
    id {{blob}} PRIMARY KEY,
    person TEXT NOT NULL,
    public {{blob}} NOT NULL,
    uses BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX passkey_person ON passkey (person);

-- Challenges that were answered, until they end by themselves: an answer works once.
CREATE TABLE answered_challenge (
    challenge {{blob}} PRIMARY KEY,
    expires BIGINT NOT NULL
);
