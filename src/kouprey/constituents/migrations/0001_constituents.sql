-- Whom we host. `clearance` is the highest level they may see, `content` the highest whose content a mail may carry;
-- `since` is the position up to which digests have gone; 0 as `archived_at` is never.
CREATE TABLE constituent (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    clearance BIGINT NOT NULL,
    content BIGINT NOT NULL,
    rhythm TEXT NOT NULL,
    hour BIGINT NOT NULL,
    since BIGINT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT NOT NULL
);

-- What is theirs: networks, AS numbers, domains, and domains of their mailboxes (kind email-addr, text @domain).
CREATE TABLE constituent_network (
    constituent TEXT NOT NULL REFERENCES constituent (id),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (constituent, kind, text)
);

-- Whom mail goes to. `paused_until` is 0 for nobody's wish, FOREVER once they have left.
CREATE TABLE constituent_contact (
    id TEXT PRIMARY KEY,
    constituent TEXT NOT NULL REFERENCES constituent (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    paused_until BIGINT NOT NULL,
    UNIQUE (constituent, address)
);

-- One digest of one period for one contact: what it says is made when it leaves, and is not kept.
CREATE TABLE constituent_letter (
    contact TEXT NOT NULL,
    period TEXT NOT NULL,
    constituent TEXT NOT NULL,
    after_position BIGINT NOT NULL,
    upto_position BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due BIGINT NOT NULL,
    error TEXT NOT NULL,
    remedy TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (contact, period)
);

CREATE INDEX constituent_letter_due ON constituent_letter (due) WHERE state IN ('waiting', 'sending', 'handing');
CREATE INDEX constituent_letter_of ON constituent_letter (constituent, made_at);

-- What they say of things they were shown, and what they ask of us.
CREATE TABLE constituent_feedback (
    id {{identity}},
    constituent TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    word TEXT NOT NULL,
    note TEXT NOT NULL,
    said_by TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX constituent_feedback_of ON constituent_feedback (constituent, id);

CREATE TABLE constituent_request (
    id {{identity}},
    constituent TEXT NOT NULL,
    text TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    settled_at BIGINT NOT NULL,
    settled_by TEXT NOT NULL
);

CREATE INDEX constituent_request_of ON constituent_request (constituent, id);
