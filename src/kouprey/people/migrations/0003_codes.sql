-- An authenticator app: its secret sealed to the node's age key, the last period used, when it was confirmed (0: not).
CREATE TABLE authenticator (
    person TEXT PRIMARY KEY,
    sealed {{blob}} NOT NULL,
    last_counter BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    secret_hash {{blob}} PRIMARY KEY,
    person TEXT NOT NULL
);
CREATE INDEX recovery_code_person ON recovery_code (person);
