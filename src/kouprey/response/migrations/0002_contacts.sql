-- People who are asked without a node. `id` stands in hand-offs where a party's id would, and ends with `.invalid`;
-- `party` is whose they are, '' for a party that has no node and signed on `paper`. `archived_at` is 0 while in use.
CREATE TABLE handoff_contact (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    party TEXT NOT NULL,
    mail TEXT NOT NULL,
    phone TEXT NOT NULL,
    language TEXT NOT NULL,
    zone TEXT NOT NULL,
    paper TEXT NOT NULL,
    ceiling INTEGER NOT NULL,
    content INTEGER NOT NULL,
    acknowledge_s BIGINT NOT NULL,
    decide_s BIGINT NOT NULL,
    note TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    archived_at BIGINT NOT NULL
);

-- Links by which a contact answers; `hashed` is the SHA-256 of the secret, which is kept nowhere. `revoked_at` is 0 while
-- it is not.
CREATE TABLE handoff_link (
    id TEXT PRIMARY KEY,
    hashed BYTEA NOT NULL UNIQUE,
    handoff TEXT NOT NULL,
    contact TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

CREATE INDEX handoff_link_by_handoff ON handoff_link (handoff, made_at);
