-- What parties have said to everybody: `body` is the exact canonical text that `signature` by `key` is over. `number` counts the
-- statements of one publisher from 1, `hash` is SHA-256 of the body. `origin` and `entry_index` say in which entry of a lane it
-- came, '' and 0 for ours. Of one that its publisher took back `body` is empty and `erased` 1; the hash stays, for the chain.
CREATE TABLE statement (
    publisher TEXT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    issued BIGINT NOT NULL,
    body BYTEA NOT NULL,
    key TEXT NOT NULL,
    signature BYTEA NOT NULL,
    came_at BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    erased INTEGER NOT NULL,
    PRIMARY KEY (publisher, number)
);

CREATE UNIQUE INDEX statement_by_id ON statement (publisher, id);
CREATE INDEX statement_by_entry ON statement (origin, entry_index);

-- Which of ours went out under which agreement; `position` is the publication number in our lanes.
CREATE TABLE statement_sent (
    agreement TEXT NOT NULL,
    number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (agreement, number)
);

-- Whose statements everybody can read here.
CREATE TABLE statement_mirror (
    publisher TEXT PRIMARY KEY,
    shown INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- One row: a number that grows with whatever changes what the public sees, so that pages are made once for each.
CREATE TABLE statement_shelf (
    id INTEGER PRIMARY KEY,
    revision BIGINT NOT NULL
);

INSERT INTO statement_shelf (id, revision) VALUES (1, 1);

-- Drafts. `content` is JSON of ours; `revision` grows with each change, and an approval holds for one revision. `state` is
-- open, published or abandoned; `statement` the id of what became of it, '' before.
CREATE TABLE statement_draft (
    id TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT NOT NULL,
    statement TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE statement_approval (
    draft TEXT NOT NULL,
    revision BIGINT NOT NULL,
    person TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (draft, revision, person)
);

-- What people have heard. `draft` is the answer that is written to it, '' for none; `aside_at` is 0 unless it was set aside.
CREATE TABLE rumour (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    url TEXT NOT NULL,
    media TEXT NOT NULL,
    heard_from TEXT NOT NULL,
    came_at BIGINT NOT NULL,
    taken_by TEXT NOT NULL,
    draft TEXT NOT NULL,
    aside_by TEXT NOT NULL,
    aside_at BIGINT NOT NULL
);

CREATE INDEX rumour_by_draft ON rumour (draft);
