-- What nodes say to each other about activities, byte for byte as it was signed into a lane. `sort` is activity, nomination,
-- seats, register or needs; `about` the activity ('' for none), `author` who says it, `party` whom it speaks of. The highest
-- version counts. `publication` is where ours stand in our lanes, 0 for those of others; `said_by` a person of ours, '' for
-- what came; `origin` and `entry_index` say in which entry it came. Of what its author has erased the names are gone, and
-- `erased` is 1. Readers are decided by `label_set_id`.
CREATE TABLE capacity_message (
    sort TEXT NOT NULL,
    agreement TEXT NOT NULL,
    about TEXT NOT NULL,
    author TEXT NOT NULL,
    party TEXT NOT NULL,
    version BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    body {{blob}} NOT NULL,
    publication BIGINT NOT NULL,
    said_by TEXT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    erased INTEGER NOT NULL,
    PRIMARY KEY (sort, about, author, party, agreement, version)
);

CREATE INDEX capacity_message_by_entry ON capacity_message (origin, entry_index);
CREATE INDEX capacity_message_by_activity ON capacity_message (about, sort);

-- What is planned here, under which agreement; it never leaves this node. Readers are decided by `label_set_id`.
CREATE TABLE capacity_programme (
    id TEXT PRIMARY KEY,
    agreement TEXT NOT NULL,
    theme TEXT NOT NULL,
    year BIGINT NOT NULL,
    budget TEXT NOT NULL,
    answers TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL
);

-- Of what we host: to which programme it belongs, the rule its points follow, and when it was closed (0: not yet).
CREATE TABLE capacity_hosted (
    activity TEXT PRIMARY KEY,
    programme TEXT NOT NULL,
    rule TEXT NOT NULL,
    closed_at BIGINT NOT NULL
);

-- The code of a room for each day, shown there and nowhere else.
CREATE TABLE capacity_room (
    activity TEXT NOT NULL,
    day TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    PRIMARY KEY (activity, day)
);

-- People of ours who were nominated; `person` is their account here, '' for none. The id is what partners know them by.
CREATE TABLE capacity_nominee (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    mail TEXT NOT NULL,
    person TEXT NOT NULL
);

-- Who was there, once a day, and who says so.
CREATE TABLE capacity_attendance (
    activity TEXT NOT NULL,
    party TEXT NOT NULL,
    nominee TEXT NOT NULL,
    day TEXT NOT NULL,
    how TEXT NOT NULL,
    marked_by TEXT NOT NULL,
    marked_at BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    PRIMARY KEY (activity, party, nominee, day)
);

CREATE TABLE capacity_outcome (
    activity TEXT NOT NULL,
    party TEXT NOT NULL,
    nominee TEXT NOT NULL,
    pre BIGINT NOT NULL,
    post BIGINT NOT NULL,
    feedback TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (activity, party, nominee)
);

CREATE TABLE capacity_follow_up (
    id TEXT PRIMARY KEY,
    activity TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    due BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    done_by TEXT NOT NULL,
    done_at BIGINT NOT NULL
);

CREATE INDEX capacity_follow_up_of ON capacity_follow_up (activity, due);

-- What other bodies have certified of people of ours; `holder` is the account of a person.
CREATE TABLE capacity_certificate (
    id TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    issuer TEXT NOT NULL,
    title TEXT NOT NULL,
    number TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    proof TEXT NOT NULL,
    scheme TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    checked_by TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL
);

CREATE INDEX capacity_certificate_of ON capacity_certificate (holder, valid_until);

-- Points of continuing education; `holder` is party and nominee, with a space between them.
CREATE TABLE capacity_cpd (
    holder TEXT NOT NULL,
    activity TEXT NOT NULL,
    rule TEXT NOT NULL,
    source TEXT NOT NULL,
    seen TEXT NOT NULL,
    day TEXT NOT NULL,
    given BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (holder, activity, rule)
);

-- Keys that sign badges, every one that ever did; the secret is sealed to the node. `not_after` is 0 for the present one.
CREATE TABLE capacity_key (
    key TEXT PRIMARY KEY,
    sealed {{blob}} NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL
);

CREATE TABLE capacity_achievement (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    criteria TEXT NOT NULL,
    kind TEXT NOT NULL,
    times BIGINT NOT NULL,
    least BIGINT NOT NULL,
    competencies TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

-- Badges as they were signed, byte for byte. `place` is the one in the status list, drawn by lot.
CREATE TABLE capacity_badge (
    id TEXT PRIMARY KEY,
    achievement TEXT NOT NULL REFERENCES capacity_achievement (id),
    holder TEXT NOT NULL,
    place BIGINT NOT NULL UNIQUE,
    issued_at BIGINT NOT NULL,
    issued_by TEXT NOT NULL,
    raw {{blob}} NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT NOT NULL,
    why TEXT NOT NULL
);

CREATE INDEX capacity_badge_of ON capacity_badge (holder, issued_at);

-- Whose calendar a secret address opens; `person` is '' for that of the whole party. Only the secret's hash is kept.
CREATE TABLE capacity_feed (
    hashed {{blob}} PRIMARY KEY,
    person TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
