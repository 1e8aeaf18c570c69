-- Cases: what our own party works on. `body` is the newest version whole; the columns beside it are what lists are
-- filtered by. `closed` is 1 once the work is over, `named` 1 where only members see it; `merged_into` is '' for one that
-- stands by itself. Who may see one at all is decided by `label_set_id`.
CREATE TABLE case_file (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    phase TEXT NOT NULL,
    category TEXT NOT NULL,
    severity TEXT NOT NULL,
    cross_border INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    named INTEGER NOT NULL,
    merged_into TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX case_file_by_change ON case_file (closed, changed_at, id);
CREATE INDEX case_file_by_merge ON case_file (merged_into);

-- Every version of a case, also the newest.
CREATE TABLE case_version (
    case_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (case_id, version)
);

-- The last number that was given to a case of this node.
CREATE TABLE case_counter (
    one INTEGER PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO case_counter (one, last) VALUES (1, 0);

-- Whom a case is named to.
CREATE TABLE case_member (
    case_id TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (case_id, person)
);

-- What stands in cases, every version of it; `newest` is 1 for the one that counts. `open` is 1 for a task that is not
-- done. `key` is what other cases are found by ("kind:value" of an observable, what a link leads to, the SHA-256 of
-- evidence), '' for nothing. Nothing is ever deleted: `hidden` takes it out of sight.
CREATE TABLE case_item (
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    case_id TEXT NOT NULL,
    sort TEXT NOT NULL,
    track TEXT NOT NULL,
    at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    newest INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    open INTEGER NOT NULL,
    key TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE INDEX case_item_by_time ON case_item (case_id, newest, at, id);
CREATE INDEX case_item_by_sort ON case_item (case_id, newest, sort, at, id);
CREATE INDEX case_item_by_key ON case_item (key) WHERE key <> '';

-- The bytes of evidence in parts of one MiB, under the SHA-256 of the whole.
CREATE TABLE case_piece (
    sha256 TEXT NOT NULL,
    part INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (sha256, part)
);
