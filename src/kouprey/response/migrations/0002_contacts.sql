-- People who are asked without a node. `id` stands in hand-offs where a party's id would, and ends with `.invalid`;
-- `party` is whose they are, '' for a party that has no node and signed on `paper`. `archived_at` is 0 while in use.
CREATE TABLE handoff_contact (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    party TEXT NOT NULL,
    mail TEXT NOT NULL,
    phone TEXT NOT NULL,
    language TEXT NOT NULL,
    zone TEXT NOT NULL,
    paper TEXT NOT NULL,
    ceiling INTEGER NOT NULL,
    content INTEGER NOT NULL,
    acknowledge_s BIGINT NOT NULL,
    decide_s BIGINT NOT NULL,
    note TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    archived_at BIGINT NOT NULL
);

-- Links by which a contact answers; `hashed` is the SHA-256 of the secret, which is kept nowhere. `revoked_at` is 0 while
-- it is not.
CREATE TABLE handoff_link (
    id TEXT PRIMARY KEY,
    hashed BYTEA NOT NULL UNIQUE,
    handoff TEXT NOT NULL,
    contact TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

CREATE INDEX handoff_link_by_handoff ON handoff_link (handoff, made_at);

-- What parties say of themselves (RFC 2350), byte for byte as it was signed into a lane; the highest `serial` counts.
CREATE TABLE handoff_profile (
    party TEXT NOT NULL,
    serial BIGINT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (party, serial)
);

CREATE INDEX handoff_profile_by_entry ON handoff_profile (origin, entry_index);

-- Which agreements have been given which version of our own profile.
CREATE TABLE handoff_profile_sent (
    agreement TEXT PRIMARY KEY,
    serial BIGINT NOT NULL
);

-- When somebody of ours last saw that a profile is right, by calling or meeting them.
CREATE TABLE handoff_verified (
    party TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL
);

-- Which values belong to which party, beyond what it says itself: learnt from a hand-off that was declined as somebody
-- else's. `state` is proposed, applied or dropped; a person decides. Who may see the hand-off may see the proposal.
CREATE TABLE handoff_competence (
    id TEXT PRIMARY KEY,
    handoff TEXT NOT NULL,
    party TEXT NOT NULL,
    value TEXT NOT NULL,
    said_by TEXT NOT NULL,
    state TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    UNIQUE (handoff, party, value)
);

-- Who of ours is on duty: `days` are digits 1 (Monday) to 7, hours in minutes after midnight in `zone`; a turn that
-- ends before it begins goes past midnight. `day` is '' for every week, else the one day (2026-11-27) that goes before it.
CREATE TABLE handoff_duty (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    days TEXT NOT NULL,
    day TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    zone TEXT NOT NULL
);
