-- Requests that steps of strategies are made of: each time that somebody wanted one to be sent. `item` is the task, `call`
-- the place of the request among those of it, `state` how far it is, `body` the attempt whole: what left letter for letter
-- (secrets by name), who let it, and what came of it. Nothing is ever deleted.
CREATE TABLE case_call (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    item TEXT NOT NULL,
    call INTEGER NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX case_call_by_item ON case_call (item, at, id);
