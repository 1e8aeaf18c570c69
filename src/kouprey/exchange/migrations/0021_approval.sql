-- What may go to the other parties of an agreement only when persons of certain roles have released it. One body of one
-- version is asked for; what becomes of another one is another question. `state` is waiting, sent, declined, withdrawn
-- or barred (it may not go after all, because of `because`). `emergency` says that a duty officer sent it at once; then
-- it is to be reviewed before `review_by`. `publication` is the number under which it was sent.
CREATE TABLE approval (
    id TEXT PRIMARY KEY,
    agreement TEXT NOT NULL,
    version_id BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    stix_id TEXT NOT NULL,
    tlp BIGINT NOT NULL,
    kind TEXT NOT NULL,
    parties TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    ended_by TEXT NOT NULL DEFAULT '',
    ended_at BIGINT NOT NULL DEFAULT 0,
    because TEXT NOT NULL DEFAULT '',
    emergency BIGINT NOT NULL DEFAULT 0,
    review_by BIGINT NOT NULL DEFAULT 0,
    reviewed_by TEXT NOT NULL DEFAULT '',
    reviewed_at BIGINT NOT NULL DEFAULT 0,
    review TEXT NOT NULL DEFAULT ''
);

CREATE UNIQUE INDEX approval_waiting ON approval (agreement, version_id, body_id) WHERE state = 'waiting';
CREATE INDEX approval_by_state ON approval (state, asked_at);
CREATE INDEX approval_by_version ON approval (version_id);
CREATE INDEX approval_unreviewed ON approval (review_by) WHERE emergency = 1 AND reviewed_at = 0;

-- Who has released it, and in which roles; a person speaks once.
CREATE TABLE approval_voice (
    approval_id TEXT NOT NULL REFERENCES approval (id),
    person TEXT NOT NULL,
    roles TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (approval_id, person)
);
