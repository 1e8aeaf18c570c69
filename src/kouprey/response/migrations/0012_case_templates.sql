-- Templates of cases: what the next one of a kind begins with. `body` is the newest version whole; who may see one at all is
-- decided by `label_set_id`, as of a case. `retired` is 1 for one that is offered no more; nothing is deleted.
CREATE TABLE case_template (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    retired INTEGER NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX case_template_by_name ON case_template (retired, name, id);

-- Every version of a template, also the newest.
CREATE TABLE case_template_version (
    template_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (template_id, version)
);
