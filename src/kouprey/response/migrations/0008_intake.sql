-- Reports: what somebody outside told us. `body` is the newest state whole; the columns beside it are what lists are
-- filtered by. `sha256` is of the bytes that came: the same bytes twice are one report. `case_id` is '' for one that
-- stands in no case. `hashed` is of the secret by which whoever used the form comes back, NULL for no such link. Who may
-- see a report is decided by `label_set_id`, and by its case where it has one. The bytes are pieces of evidence.
CREATE TABLE report (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL UNIQUE,
    standing TEXT NOT NULL,
    at BIGINT NOT NULL,
    sender TEXT NOT NULL,
    case_id TEXT NOT NULL,
    hashed BYTEA,
    label_set_id BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX report_by_time ON report (at, id);
CREATE INDEX report_by_case ON report (case_id);
CREATE INDEX report_by_sender ON report (sender, at);
CREATE UNIQUE INDEX report_by_secret ON report (hashed) WHERE hashed IS NOT NULL;

-- The last number that was given to a report of this node.
CREATE TABLE report_counter (
    one INTEGER PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO report_counter (one, last) VALUES (1, 0);

-- Answers to reporters, written with the report and sent after; `sending` says how far one is.
CREATE TABLE report_answer (
    id TEXT PRIMARY KEY,
    report_id TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    sending TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX report_answer_by_turn ON report_answer (sending, next_at);
CREATE INDEX report_answer_by_recipient ON report_answer (recipient, made_at);
CREATE INDEX report_answer_by_report ON report_answer (report_id);

-- How far a mailbox has been read.
CREATE TABLE report_mailbox (
    name TEXT PRIMARY KEY,
    body BYTEA NOT NULL
);
