-- Profiles of teams (RFC 2350) in their versions, ours and those of partners. One that came under several agreements stands
-- here once for each: each says for itself who may read it (`label_set_id`). `agreement` is '' for ours. `origin` and
-- `entry_index` say in which entry it came; `written_by` is a person of ours, '' for what came. Of one that its author has
-- erased `body` has no words any more, and `erased` is 1.
CREATE TABLE team_profile (
    party TEXT NOT NULL,
    version BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    at BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    written_by TEXT NOT NULL,
    erased INTEGER NOT NULL,
    label_set_id BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (party, version, agreement)
);

CREATE INDEX team_profile_by_entry ON team_profile (origin, entry_index);

-- Which version of ours went out under which agreement; one row with '' says that it was given to partners at all.
-- `position` is the publication number in our lanes.
CREATE TABLE team_profile_sent (
    version BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (version, agreement)
);

-- Who of ours is on duty, from `starts` until before `ends`. It never leaves this node. `withdrawn_at` is 0 while it counts.
CREATE TABLE duty_shift (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    reach TEXT NOT NULL,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    withdrawn_by TEXT NOT NULL,
    withdrawn_at BIGINT NOT NULL
);

CREATE INDEX duty_shift_by_end ON duty_shift (ends);

-- What a person has made of a partner's word that somebody else is competent: `message` is that word. `applied` is 1 when
-- `subjects` (JSON) lead to `competent` from now on, until `ended_at`, 0 while they do. It is read by whoever may see the
-- hand-off (`label_set_id`).
CREATE TABLE competence_decision (
    message TEXT PRIMARY KEY,
    handoff TEXT NOT NULL,
    said_by TEXT NOT NULL,
    competent TEXT NOT NULL,
    subjects TEXT NOT NULL,
    applied INTEGER NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    ended_by TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL
);

-- Drills: exercise hand-offs that measure a partner. Times are 0 while it has not happened; all are of our own clock.
CREATE TABLE drill (
    handoff TEXT PRIMARY KEY,
    party TEXT NOT NULL,
    agreement TEXT NOT NULL,
    sent_by TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL,
    acknowledged_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL
);

CREATE INDEX drill_by_party ON drill (party, sent_at);
CREATE INDEX drill_by_end ON drill (closed_at);

-- Who is drilled each month, since when. `ended_at` is 0 while it goes on.
CREATE TABLE drill_plan (
    party TEXT PRIMARY KEY,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
);
