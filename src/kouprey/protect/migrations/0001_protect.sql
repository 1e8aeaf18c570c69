-- Lists in the making and in force. `query` and `limits` are JSON.
CREATE TABLE protect_shield (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    query TEXT NOT NULL,
    limits TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    retired SMALLINT NOT NULL,
    held BIGINT NOT NULL,
    position BIGINT NOT NULL,
    due BIGINT NOT NULL,
    checked_at BIGINT NOT NULL
);

-- What was made of them (`body` is JSON); files and entries lie in protect/SHIELD/SERIAL of the data directory.
CREATE TABLE protect_release (
    shield TEXT NOT NULL,
    serial BIGINT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (shield, serial)
);

-- A shield has one release in force and one that waits.
CREATE UNIQUE INDEX protect_release_current ON protect_release (shield) WHERE state = 'current';
CREATE UNIQUE INDEX protect_release_waiting ON protect_release (shield) WHERE state = 'waiting';

-- The number of a value in rules of Suricata, the same for ever.
CREATE TABLE protect_number (
    text TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE
);

-- What people decided of single names, addresses and networks.
CREATE TABLE protect_allowance (
    text TEXT PRIMARY KEY,
    insists SMALLINT NOT NULL,
    alone SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    made_by TEXT NOT NULL
);

-- Devices that fetch a shield; `hash` is the SHA-256 of the secret.
CREATE TABLE protect_outlet (
    id TEXT PRIMARY KEY,
    shield TEXT NOT NULL,
    title TEXT NOT NULL,
    hash {{blob}} NOT NULL UNIQUE,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    ended SMALLINT NOT NULL,
    used_at BIGINT NOT NULL
);

CREATE INDEX protect_outlet_by_shield ON protect_outlet (shield);
