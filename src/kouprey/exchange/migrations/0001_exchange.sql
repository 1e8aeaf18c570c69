-- A thing with a STIX id. `creators` are the identities that its versions named as creator, separated by blanks.
CREATE TABLE object (
    id {{identity}},
    stix_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    creators TEXT NOT NULL
);

-- One version of it. `instant` is 0 where the id alone is the version. `body_id` is the body served to whoever sees all
-- of `bodies`; `label_set_id` holds the labels of all assertions; `position` is when it last became news to anybody.
CREATE TABLE version (
    id {{identity}},
    object_id BIGINT NOT NULL REFERENCES object (id),
    instant BIGINT NOT NULL,
    version_text TEXT NOT NULL,
    type TEXT NOT NULL,
    label_set_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    bodies BIGINT NOT NULL,
    position BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (object_id, instant)
);

CREATE INDEX version_by_position ON version (position);
CREATE INDEX version_by_type ON version (type, position);
CREATE INDEX version_by_label_set ON version (label_set_id, position);

-- The bytes as received, and what they say of themselves: a reader who may not see a body may not see its title either.
CREATE TABLE body (
    id {{identity}},
    version_id BIGINT NOT NULL REFERENCES version (id),
    sha256 {{blob}} NOT NULL,
    title TEXT NOT NULL,
    revoked BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    bytes {{blob}} NOT NULL,
    UNIQUE (version_id, sha256)
);

-- Who may say something here: a file, a person, a token or a party.
CREATE TABLE source (
    id {{identity}},
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, party, name)
);

-- Somebody said this body, under this label. `label_set_id` is the set of that label alone; `origin` and `entry_index`
-- name the lane entry that brought it ('' and -1 for none).
CREATE TABLE assertion (
    id {{identity}},
    version_id BIGINT NOT NULL REFERENCES version (id),
    body_id BIGINT NOT NULL REFERENCES body (id),
    source_id BIGINT NOT NULL REFERENCES source (id),
    label_id BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    UNIQUE (version_id, body_id, source_id, label_id)
);

-- The members of each label set that a version carries, each with the set that holds it alone.
CREATE TABLE label_set_member (
    label_set_id BIGINT NOT NULL,
    label_id BIGINT NOT NULL,
    alone_id BIGINT NOT NULL,
    PRIMARY KEY (label_set_id, label_id)
);

-- What clients read; `agreement` is '' unless it holds what came under one.
CREATE TABLE collection (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    strict BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE membership (
    version_id BIGINT NOT NULL REFERENCES version (id),
    collection_id TEXT NOT NULL REFERENCES collection (id),
    type TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (version_id, collection_id)
);

CREATE INDEX membership_by_position ON membership (collection_id, position);
CREATE INDEX membership_by_type ON membership (collection_id, type, position);

-- How many versions there are, by label set, type and the source that brought them first.
CREATE TABLE tally (
    label_set_id BIGINT NOT NULL,
    type TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (label_set_id, type, source_id)
);

-- Which bodies say that something was seen, and how often.
CREATE TABLE sighting (
    target TEXT NOT NULL,
    body_id BIGINT NOT NULL REFERENCES body (id),
    version_id BIGINT NOT NULL REFERENCES version (id),
    times BIGINT NOT NULL,
    PRIMARY KEY (target, body_id)
);

-- What was given to the parties of an agreement, and because of what; `number` is the publication number of the lane.
CREATE TABLE publication (
    number BIGINT PRIMARY KEY,
    version_id BIGINT NOT NULL REFERENCES version (id),
    body_id BIGINT NOT NULL REFERENCES body (id),
    agreement TEXT NOT NULL,
    parties TEXT NOT NULL,
    tlp BIGINT NOT NULL,
    pruned BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    because TEXT NOT NULL
);

CREATE INDEX publication_by_version ON publication (version_id);
