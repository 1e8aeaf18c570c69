-- A query and filters under a name, and nothing of what they find. `person` is whose it is; `shared` shows it to
-- everybody on the node. A deleted one stays a while, so that it can be brought back.
CREATE TABLE saved_search (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    shared BIGINT NOT NULL,
    search TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX saved_search_by_name ON saved_search (person, name) WHERE deleted_at = 0;

-- Up to which position somebody has looked at the hits of a saved search.
CREATE TABLE saved_search_look (
    search_id TEXT NOT NULL REFERENCES saved_search (id),
    person TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (search_id, person)
);
