-- Which party belongs to which: a group and its national operators. It gives no right.
CREATE TABLE party_member (
    party TEXT NOT NULL,
    member TEXT NOT NULL,
    because TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (party, member)
);

CREATE INDEX party_member_of ON party_member (member);

-- Which token may act for a party that is not its own. Only rows with confirmed_at > 0 and revoked_at = 0 count, between
-- starts and ends.
CREATE TABLE delegation (
    id TEXT PRIMARY KEY,
    party TEXT NOT NULL,
    token TEXT NOT NULL,
    verbs TEXT NOT NULL,
    clearance BIGINT NOT NULL,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    because TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    revoked_by TEXT NOT NULL,
    revoked_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);

CREATE INDEX delegation_token ON delegation (token, party);
