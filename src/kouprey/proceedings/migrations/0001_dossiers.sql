-- Dossiers. What a dossier and its items are called, and all of their content, is sealed on people's own machines: what
-- stands here is who, when, how much, and why it was released. Nothing is deleted; an item that is disposed of loses
-- its body and its keys, and keeps all else.

-- Age recipients of persons; `until` is 0 for the one to seal to.
CREATE TABLE dossier_key (
    key TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    follows TEXT NOT NULL
);

CREATE INDEX dossier_key_by_person ON dossier_key (person, since);

-- `name` is three words drawn by chance. `party` and `ref` name a dossier of a partner of which we hold items.
CREATE TABLE dossier (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    party TEXT NOT NULL,
    ref TEXT NOT NULL
);

CREATE UNIQUE INDEX dossier_by_ref ON dossier (party, ref) WHERE party <> '';

CREATE TABLE dossier_member (
    dossier TEXT NOT NULL,
    person TEXT NOT NULL,
    part TEXT NOT NULL,
    at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    why TEXT NOT NULL,
    until BIGINT NOT NULL,
    ended_by TEXT NOT NULL,
    ended_why TEXT NOT NULL,
    PRIMARY KEY (dossier, person, at)
);

CREATE INDEX dossier_member_by_person ON dossier_member (person, until);

-- `sha256` and `size` are those of the sealed, padded body; `ref` is what the partner calls it who gave it. `origin` and `entry_index` say in which entry of a lane of a
-- partner it came ('' for our own).
CREATE TABLE dossier_item (
    id TEXT PRIMARY KEY,
    dossier TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    derived TEXT NOT NULL,
    party TEXT NOT NULL,
    ref TEXT NOT NULL,
    holder TEXT NOT NULL,
    offered TEXT NOT NULL,
    offered_at BIGINT NOT NULL,
    disclosure TEXT NOT NULL,
    ground TEXT NOT NULL,
    keep_until BIGINT NOT NULL,
    disposed_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    UNIQUE (dossier, number)
);

CREATE INDEX dossier_item_by_entry ON dossier_item (origin, entry_index) WHERE origin <> '';
CREATE INDEX dossier_item_by_retention ON dossier_item (keep_until) WHERE keep_until > 0 AND disposed_at = 0;

-- Sealed bodies in parts of one MiB.
CREATE TABLE dossier_piece (
    item TEXT NOT NULL,
    part INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (item, part)
);

-- Keys of items: sealed to a reader, and that to the node which releases it.
CREATE TABLE dossier_grant (
    item TEXT NOT NULL,
    key TEXT NOT NULL,
    box BYTEA NOT NULL,
    made_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT NOT NULL,
    party TEXT NOT NULL,
    name TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (item, key)
);

-- Written, with its event, before the node takes its seal off. `basis` is '' in an emergency, until one is filed.
CREATE TABLE dossier_release (
    id TEXT PRIMARY KEY,
    dossier TEXT NOT NULL,
    item TEXT NOT NULL,
    person TEXT NOT NULL,
    key TEXT NOT NULL,
    at BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL,
    ground TEXT NOT NULL,
    due BIGINT NOT NULL,
    filed_at BIGINT NOT NULL,
    filed_by TEXT NOT NULL
);

CREATE INDEX dossier_release_by_dossier ON dossier_release (dossier, at);
CREATE INDEX dossier_release_lacking ON dossier_release (at) WHERE basis = '';

CREATE TABLE dossier_hold (
    id TEXT PRIMARY KEY,
    dossier TEXT NOT NULL,
    item TEXT NOT NULL,
    made_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    why TEXT NOT NULL,
    scope TEXT NOT NULL,
    review BIGINT NOT NULL,
    lifted_at BIGINT NOT NULL,
    lifted_by TEXT NOT NULL,
    lifted_why TEXT NOT NULL
);

CREATE INDEX dossier_hold_by_dossier ON dossier_hold (dossier, at);

-- The ledger of a dossier: one row an event, its position from 0 without a gap. `raw` is what the leaf hashes, with a
-- salt in it; the other columns say the same, so that they can be looked for.
CREATE TABLE dossier_custody (
    dossier TEXT NOT NULL,
    position INTEGER NOT NULL,
    act TEXT NOT NULL,
    item TEXT NOT NULL,
    person TEXT NOT NULL,
    at BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    leaf BYTEA NOT NULL,
    PRIMARY KEY (dossier, position)
);

-- Signed after the events are durable, one after each. `witness` is a partner who has seen it, `line` its cosignature.
CREATE TABLE dossier_checkpoint (
    dossier TEXT NOT NULL,
    size INTEGER NOT NULL,
    note BYTEA NOT NULL,
    witness TEXT NOT NULL,
    line BYTEA NOT NULL,
    PRIMARY KEY (dossier, size)
);

-- What we gave of a dossier to which partner, and up to which size they saw its ledger.
CREATE TABLE dossier_given (
    dossier TEXT NOT NULL,
    item TEXT NOT NULL,
    party TEXT NOT NULL,
    agreement TEXT NOT NULL,
    size INTEGER NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (item, party)
);

-- The newest checkpoint of a partner's ledger that we have seen, as it was signed.
CREATE TABLE dossier_seen (
    dossier TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    note BYTEA NOT NULL
);
