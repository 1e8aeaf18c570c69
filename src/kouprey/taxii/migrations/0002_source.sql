-- A collection of somebody else that we pull from. `sealed` is how we sign in there, sealed to this node. Where a walk
-- stands: it began after `after`, goes on at `next` ('' at its beginning or between walks), has met dates up to `latest`
-- and was complete up to `reached` before. `turn` counts walks: whoever finds another number has been taken over.
CREATE TABLE taxii_source (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    collection TEXT NOT NULL,
    sealed {{blob}} NOT NULL,
    tlp BIGINT NOT NULL,
    into_id TEXT NOT NULL,
    types TEXT NOT NULL,
    since BIGINT NOT NULL,
    overlap BIGINT NOT NULL,
    every BIGINT NOT NULL,
    allow_private BIGINT NOT NULL,
    paused BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    after BIGINT NOT NULL,
    next TEXT NOT NULL,
    latest BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    UNIQUE (url, collection)
);

-- A walk through one of them; `ended_at` is 0 while it goes on, `trouble` is '' when it came to its end.
CREATE TABLE taxii_pull (
    id {{identity}},
    source_id TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    objects BIGINT NOT NULL,
    new BIGINT NOT NULL,
    repeats BIGINT NOT NULL,
    conflicts BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    trouble TEXT NOT NULL
);

CREATE INDEX taxii_pull_of ON taxii_pull (source_id, id);

-- What was not taken in, and why; a number of the newest for each source.
CREATE TABLE taxii_refusal (
    id {{identity}},
    source_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    object TEXT NOT NULL,
    why TEXT NOT NULL
);

CREATE INDEX taxii_refusal_of ON taxii_refusal (source_id, id);
