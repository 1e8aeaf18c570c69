CREATE TABLE misp_event (
    id {{identity}},
    uuid TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    sha256 {{blob}} NOT NULL,
    bytes {{blob}} NOT NULL,
    unmarked SMALLINT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (uuid, sha256)
);

CREATE INDEX misp_event_by_change ON misp_event (uuid, changed_at);

CREATE TABLE misp_taken (
    source TEXT NOT NULL,
    collection TEXT NOT NULL,
    uuid TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    sha256 {{blob}} NOT NULL,
    PRIMARY KEY (source, collection, uuid)
);
