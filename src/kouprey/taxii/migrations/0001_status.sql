-- What became of each envelope, for the client that sent it; `body` is the resource of the standard, zlib.
CREATE TABLE taxii_status (
    id TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    at BIGINT NOT NULL,
    body {{blob}} NOT NULL
);

CREATE INDEX taxii_status_by_time ON taxii_status (at);
