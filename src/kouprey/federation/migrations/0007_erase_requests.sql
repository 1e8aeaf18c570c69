-- What the author of a lane asked to be erased: entries [first, beyond) of the lane `origin`, said in entry
-- `said_index` of the lane `said_in`. `done_at` is 0 while something of it is still to be done.
CREATE TABLE erase_request (
    said_in TEXT NOT NULL,
    said_index BIGINT NOT NULL,
    first BIGINT NOT NULL,
    beyond BIGINT NOT NULL,
    origin TEXT NOT NULL,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (said_in, said_index, first)
);

CREATE INDEX erase_request_by_origin ON erase_request (origin, first);
CREATE INDEX erase_request_open ON erase_request (at) WHERE done_at = 0;

-- Entries that were to be erased and are under a hold.
CREATE TABLE erase_kept (
    place BIGINT PRIMARY KEY,
    since BIGINT NOT NULL
);

-- The newest word of each party about what was asked in a lane; `delivered` tells whether the author has ours.
CREATE TABLE erasure_receipt (
    lane_id BIGINT NOT NULL,
    party TEXT NOT NULL,
    serial BIGINT NOT NULL,
    note {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    delivered SMALLINT NOT NULL,
    PRIMARY KEY (lane_id, party)
);
