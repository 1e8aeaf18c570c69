-- How a client stands in a collection: since when and when last it asked, for what (`types` and `filters` in short, never
-- an id), and the position up to which it has come. `client` is the user of a token, `party` whom it read for.
CREATE TABLE taxii_client (
    client TEXT NOT NULL,
    party TEXT NOT NULL,
    collection_id TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    types TEXT NOT NULL,
    filters TEXT NOT NULL,
    reached BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    objects BIGINT NOT NULL,
    PRIMARY KEY (client, party, collection_id)
);

CREATE INDEX taxii_client_by_collection ON taxii_client (collection_id, asked_at);

-- What it was sent each day; `day` is its first instant.
CREATE TABLE taxii_client_day (
    client TEXT NOT NULL,
    day BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    objects BIGINT NOT NULL,
    PRIMARY KEY (client, day)
);

-- How often it was refused, by day and reason; `client` '' is whoever did not say, or is not, one of ours.
CREATE TABLE taxii_client_error (
    client TEXT NOT NULL,
    code TEXT NOT NULL,
    day BIGINT NOT NULL,
    status BIGINT NOT NULL,
    times BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (client, code, day)
);
