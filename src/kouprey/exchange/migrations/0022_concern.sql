-- What is said to partners about something that was given: a recall, another marking, a false positive, or feedback; and
-- what partners said to us. `parties` owe an answer. Readers are decided by `label_set_id`. `said_by` is a person of ours,
-- '' for what came.
CREATE TABLE concern (
    id TEXT PRIMARY KEY,
    author TEXT NOT NULL,
    agreement TEXT NOT NULL,
    kind TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    tlp TEXT NOT NULL,
    text TEXT NOT NULL,
    parties TEXT NOT NULL,
    label_set_id BIGINT NOT NULL,
    said_by TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX concern_by_object ON concern (stix_id);
CREATE INDEX concern_by_time ON concern (at);

-- What a party answered; `answered_by` is a person of ours where the party is ours.
CREATE TABLE concern_answer (
    concern_id TEXT NOT NULL REFERENCES concern (id),
    party TEXT NOT NULL,
    outcome TEXT NOT NULL,
    text TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (concern_id, party)
);
