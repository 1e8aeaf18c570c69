-- Legal clocks on cases. Every version of a duty: a regime that a case falls under, frozen into `body` as it was when the
-- clock began. `newest` is 1 for the version that counts. Nothing is ever deleted: a clock is stopped, and goes on again.
CREATE TABLE case_duty (
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    case_id TEXT NOT NULL,
    track TEXT NOT NULL,
    regime TEXT NOT NULL,
    stopped INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE INDEX case_duty_by_case ON case_duty (case_id, newest);

-- Where each report of a duty stands. `due` is 0 while it waits for another, `turn` the place in lists (far away then).
-- `told` is the highest part of the clock, in hundredths, that was told. `first_sent` says whether it was in time,
-- `sent` and `sending` are of the newest sending, and `verdict` is what the receiver said of that one.
CREATE TABLE case_duty_step (
    id TEXT PRIMARY KEY,
    duty_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    step TEXT NOT NULL,
    final INTEGER NOT NULL,
    begins BIGINT NOT NULL,
    due BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    told INTEGER NOT NULL,
    form BIGINT NOT NULL,
    first_sent BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    sending TEXT NOT NULL,
    verdict TEXT NOT NULL,
    verdict_at BIGINT NOT NULL
);

CREATE INDEX case_duty_step_by_duty ON case_duty_step (duty_id, place);
CREATE INDEX case_duty_step_by_turn ON case_duty_step (turn, id);
CREATE INDEX case_duty_step_owed ON case_duty_step (turn, id) WHERE first_sent = 0;

-- Every version of the words of a report.
CREATE TABLE case_duty_form (
    step_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (step_id, version)
);

-- What was sent, byte for byte, and how that is known.
CREATE TABLE case_duty_sending (
    id TEXT PRIMARY KEY,
    step_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    said BYTEA NOT NULL
);

CREATE INDEX case_duty_sending_by_step ON case_duty_sending (step_id, at, id);

-- Everything that receivers said of what was sent.
CREATE TABLE case_duty_verdict (
    sending_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (sending_id, number)
);
