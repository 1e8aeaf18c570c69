CREATE TABLE party (
    id TEXT PRIMARY KEY,
    serial BIGINT NOT NULL,
    card {{blob}} NOT NULL,
    note {{blob}} NOT NULL,
    home SMALLINT NOT NULL,
    trusted_at BIGINT NOT NULL
);

-- A node speaks for one party.
CREATE UNIQUE INDEX party_home ON party (home) WHERE home = 1;

CREATE TABLE party_identity (
    stix_id TEXT PRIMARY KEY,
    party TEXT NOT NULL
);

CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    roles TEXT NOT NULL,
    clearance BIGINT NOT NULL,
    active SMALLINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sign_in_link (
    secret_hash {{blob}} PRIMARY KEY,
    person TEXT NOT NULL,
    expires BIGINT NOT NULL,
    spent_at BIGINT
);

CREATE TABLE session (
    secret_hash {{blob}} PRIMARY KEY,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE token (
    username TEXT PRIMARY KEY,
    secret_hash {{blob}} NOT NULL UNIQUE,
    party TEXT NOT NULL,
    role TEXT NOT NULL,
    clearance BIGINT NOT NULL,
    collection TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    active SMALLINT NOT NULL
);
