-- What somebody of ours is told of: `about` is a case or a hand-off, `item` the task it is about or '', `said` the last of
-- what happened, `fact` the position of that fact in the outbox (none is told twice), `count` how often it happened since
-- it was last read. `read_at` is 0 while it waits. What is shown of it is asked anew each time: whoever may not see what it
-- is about finds no notice.
CREATE TABLE notice (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    item TEXT NOT NULL,
    track TEXT NOT NULL,
    said TEXT NOT NULL,
    fact BIGINT NOT NULL,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    read_at BIGINT NOT NULL
);

CREATE INDEX notice_by_person ON notice (person, read_at, at, id);
CREATE INDEX notice_by_about ON notice (about, person);

-- Who watches a case; `watching` is 0 for whoever has stopped, the one who leads it too.
CREATE TABLE case_watch (
    case_id TEXT NOT NULL,
    person TEXT NOT NULL,
    watching INTEGER NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, person)
);

-- What a person wants to be told of (words between spaces), and by mail how often. `mailed` is the fact up to which mail
-- has told, `state` how the last one ended, `due` when the next is tried.
CREATE TABLE notice_choice (
    person TEXT PRIMARY KEY,
    told TEXT NOT NULL,
    mail TEXT NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    mailed BIGINT NOT NULL,
    state TEXT NOT NULL,
    due BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL
);

-- What the one address outside has been told: `told` is the fact up to which, `due` when it is told again.
CREATE TABLE notice_hook (
    one INTEGER PRIMARY KEY,
    told BIGINT NOT NULL,
    due BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL
);
