-- A saved search and an agreement: what the search finds is given by itself. `search` is JSON, a copy; `audience` a group
-- of the agreement, '' for all its parties; `reached` the position up to which everything was looked at; `person` whose
-- rights it has. `state` is proposed, running, paused or ended, and `because` JSON grounds of a pause.
CREATE TABLE publishing_rule (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    what TEXT NOT NULL,
    search TEXT NOT NULL,
    agreement TEXT NOT NULL,
    audience TEXT NOT NULL,
    sightings BIGINT NOT NULL,
    day_limit BIGINT NOT NULL,
    state TEXT NOT NULL,
    because TEXT NOT NULL,
    person TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    ended_at BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX publishing_rule_by_name ON publishing_rule (name) WHERE state <> 'ended';

-- What a rule did with a version on a day (UTC, counted since 1970): queued, waiting for its release, or refused, and why.
-- Readers are decided by the version.
CREATE TABLE publishing_rule_item (
    rule_id TEXT NOT NULL REFERENCES publishing_rule (id),
    day BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    stix_id TEXT NOT NULL,
    fate TEXT NOT NULL,
    because TEXT NOT NULL,
    at BIGINT NOT NULL,
    undone_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (rule_id, day, version_id)
);

CREATE INDEX publishing_rule_item_by_version ON publishing_rule_item (version_id);
CREATE INDEX publishing_rule_item_by_time ON publishing_rule_item (rule_id, at);
