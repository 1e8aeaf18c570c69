-- How long something is kept. `search` is JSON; `state` is proposed, in-force or paused; `agreement` is '' unless the
-- rule keeps the term of one. A removed rule stays, so that what it erased can be explained.
CREATE TABLE retention_rule (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    what TEXT NOT NULL,
    search TEXT NOT NULL,
    age TEXT NOT NULL,
    days BIGINT NOT NULL,
    because TEXT NOT NULL,
    agreement TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    confirmed_by TEXT NOT NULL DEFAULT '',
    confirmed_at BIGINT NOT NULL DEFAULT 0,
    removed_by TEXT NOT NULL DEFAULT '',
    removed_at BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX retention_rule_by_name ON retention_rule (name) WHERE removed_at = 0;

-- A walk of a rule over everything, newest first; `reached` is the position up to which it has come.
CREATE TABLE retention_run (
    id {{identity}},
    rule_id TEXT NOT NULL REFERENCES retention_rule (id),
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    erased BIGINT NOT NULL,
    held BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    trouble TEXT NOT NULL
);

CREATE INDEX retention_run_of ON retention_run (rule_id, id);
