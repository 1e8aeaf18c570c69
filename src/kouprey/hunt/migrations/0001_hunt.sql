-- Rules as they came, and the trees that were made of them (JSON); `problem` is '' for one that can be run. A retired one
-- stays, since hunts name it.
CREATE TABLE hunt_rule (
    digest TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    level TEXT NOT NULL,
    product TEXT NOT NULL,
    problem TEXT NOT NULL,
    retired SMALLINT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    text TEXT NOT NULL,
    trees TEXT NOT NULL
);

CREATE INDEX hunt_rule_by_id ON hunt_rule (id);

-- One question to one record of events.
CREATE TABLE hunt (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    events BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    rules BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    problem TEXT NOT NULL
);

CREATE INDEX hunt_by_state ON hunt (state, at);

-- What a rule came to; `unseen` are fields that no event had, between line feeds.
CREATE TABLE hunt_outcome (
    hunt TEXT NOT NULL,
    digest TEXT NOT NULL,
    hits BIGINT NOT NULL,
    unseen TEXT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (hunt, digest)
);

-- The first events that a rule found, cut.
CREATE TABLE hunt_hit (
    hunt TEXT NOT NULL,
    digest TEXT NOT NULL,
    line BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (hunt, digest, line)
);
