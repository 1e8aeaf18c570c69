-- Hand-offs: what one party asks of another under an agreement. What stands here follows from the messages and is kept
-- for lists: `stage` as the fold of them says, `due_next` the earliest deadline that is not met (0 for none), `changed_at`
-- when the last message came here. `ended` is 1 once nothing more is expected. Readers are decided by `label_set_id`.
CREATE TABLE handoff (
    id TEXT PRIMARY KEY,
    agreement TEXT NOT NULL,
    asking TEXT NOT NULL,
    asked TEXT NOT NULL,
    kind TEXT NOT NULL,
    urgency TEXT NOT NULL,
    title TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    exercise TEXT NOT NULL,
    at BIGINT NOT NULL,
    stage TEXT NOT NULL,
    ended INTEGER NOT NULL,
    due_next BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL
);

CREATE INDEX handoff_by_change ON handoff (ended, changed_at);
CREATE INDEX handoff_by_due ON handoff (ended, due_next);

-- The messages, byte for byte as they were signed into a lane; `position` is the order in which they came here. Those of a
-- hand-off whose request has not come yet wait here. `publication` is where ours stand in our lanes, 0 for those of others.
-- `said_by` is a person of ours, '' for what came; `origin` and `entry_index` say in which entry it came. Of a message that
-- its author has erased the body has no words any more, and `erased` is 1.
CREATE TABLE handoff_message (
    id TEXT PRIMARY KEY,
    handoff TEXT NOT NULL,
    agreement TEXT NOT NULL,
    author TEXT NOT NULL,
    verb TEXT NOT NULL,
    position BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    publication BIGINT NOT NULL,
    said_by TEXT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    erased INTEGER NOT NULL,
    label_set_id BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX handoff_message_by_handoff ON handoff_message (handoff, position);
CREATE INDEX handoff_message_by_entry ON handoff_message (origin, entry_index);
CREATE INDEX handoff_message_by_publication ON handoff_message (publication);

-- At which part of a clock people were told, once each.
CREATE TABLE handoff_warning (
    handoff TEXT NOT NULL,
    clock TEXT NOT NULL,
    percent INTEGER NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (handoff, clock, percent)
);
