-- Files in parts (docs/spec/lane.md, kind 9): what a manifest says, and the parts that are here. `state`: 0 parts are
-- missing, 1 whole, 2 too large for its agreement or this node, 3 not what its manifest says, 4 being taken in here.
CREATE TABLE blob_file (
    file TEXT PRIMARY KEY,
    lane_id BIGINT NOT NULL,
    entry_index BIGINT NOT NULL,
    publication BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    author TEXT NOT NULL,
    label {{blob}} NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    chunks {{blob}} NOT NULL,
    held BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    why TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX blob_file_by_entry ON blob_file (lane_id, entry_index);

CREATE INDEX blob_file_by_publication ON blob_file (publication) WHERE publication > 0;

CREATE INDEX blob_file_by_sha256 ON blob_file (sha256);

CREATE TABLE blob_chunk (
    file TEXT NOT NULL,
    number BIGINT NOT NULL,
    salt {{blob}} NOT NULL,
    content {{blob}} NOT NULL,
    PRIMARY KEY (file, number)
);
