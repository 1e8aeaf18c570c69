CREATE TABLE lane (
    id {{identity}},
    origin TEXT NOT NULL UNIQUE,
    tag TEXT NOT NULL UNIQUE,
    agreement TEXT NOT NULL,
    agreement_version BIGINT NOT NULL,
    version_sha256 TEXT NOT NULL,
    author TEXT NOT NULL,
    audience TEXT NOT NULL,
    class TEXT NOT NULL,
    genesis {{blob}} NOT NULL,
    mine SMALLINT NOT NULL,
    size BIGINT NOT NULL,
    frontier {{blob}} NOT NULL,
    signed_size BIGINT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    opened_at BIGINT NOT NULL
);

CREATE INDEX lane_by_agreement ON lane (agreement, author);

CREATE TABLE lane_checkpoint (
    lane_id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root {{blob}} NOT NULL,
    note {{blob}} NOT NULL,
    frontier {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (lane_id, size)
);

CREATE TABLE lane_entry (
    lane_id BIGINT NOT NULL,
    entry_index BIGINT NOT NULL,
    header {{blob}} NOT NULL,
    salt {{blob}} NOT NULL,
    body {{blob}} NOT NULL,
    state SMALLINT NOT NULL,
    publication BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (lane_id, entry_index)
);

CREATE INDEX lane_entry_by_publication ON lane_entry (publication) WHERE publication > 0;

CREATE INDEX lane_entry_absent ON lane_entry (lane_id, entry_index) WHERE state <> 0;

CREATE TABLE lane_outgoing (
    publication BIGINT PRIMARY KEY,
    agreement TEXT NOT NULL,
    class TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    body {{blob}} NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX lane_outgoing_by_lane ON lane_outgoing (agreement, class, publication);

CREATE TABLE lane_receipt (
    lane_id BIGINT NOT NULL,
    party TEXT NOT NULL,
    size BIGINT NOT NULL,
    receipt {{blob}} NOT NULL,
    said_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    delivered_size BIGINT NOT NULL,
    PRIMARY KEY (lane_id, party)
);

CREATE TABLE lane_confirmation (
    lane_id BIGINT NOT NULL,
    party TEXT NOT NULL,
    size BIGINT NOT NULL,
    said_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (lane_id, party, size)
);

CREATE TABLE quarantine (
    lane_id BIGINT NOT NULL,
    entry_index BIGINT NOT NULL,
    code TEXT NOT NULL,
    why TEXT NOT NULL,
    at BIGINT NOT NULL,
    resolved_at BIGINT,
    PRIMARY KEY (lane_id, entry_index)
);

CREATE TABLE link (
    party TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    allow_private SMALLINT NOT NULL,
    paused SMALLINT NOT NULL,
    last_ok BIGINT NOT NULL,
    last_try BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    error TEXT NOT NULL
);

CREATE TABLE paper_outgoing (
    id BIGINT NOT NULL,
    party TEXT NOT NULL,
    agreement TEXT NOT NULL,
    papers {{blob}} NOT NULL,
    at BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL,
    PRIMARY KEY (id, party)
);

CREATE TABLE request_nonce (
    nonce TEXT PRIMARY KEY,
    forget_after BIGINT NOT NULL
);

CREATE INDEX request_nonce_by_time ON request_nonce (forget_after);

CREATE TABLE parcel_made (
    seq BIGINT PRIMARY KEY,
    parcel TEXT NOT NULL,
    party TEXT NOT NULL,
    entries BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE parcel_read (
    parcel TEXT PRIMARY KEY,
    made_by TEXT NOT NULL,
    entries BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE party_card (
    statement TEXT PRIMARY KEY,
    party TEXT NOT NULL,
    note {{blob}} NOT NULL
);
