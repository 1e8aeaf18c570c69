-- Until when what a hand-off asks for is preserved (0 for not), and whether files were given in an emergency whose legal
-- basis is not filed: both as the fold of the messages says, kept for lists.
ALTER TABLE handoff ADD COLUMN preserved_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE handoff ADD COLUMN lacking INTEGER NOT NULL DEFAULT 0;

CREATE INDEX handoff_by_lacking ON handoff (lacking, at);
CREATE INDEX handoff_by_preserved ON handoff (preserved_until);

-- Legal holds that a preservation has set on objects of the exchange, and when they were lifted (0 while in force).
CREATE TABLE preservation_hold (
    handoff TEXT NOT NULL,
    hold TEXT NOT NULL,
    stix_id TEXT NOT NULL,
    lifted_at BIGINT NOT NULL,
    PRIMARY KEY (handoff, hold)
);

-- What two persons release: the first word with what would be said (`body`), and the second. `state` is waiting, given,
-- or taken-back; `message` is what left. Nothing of it is deleted.
CREATE TABLE handoff_word (
    id TEXT PRIMARY KEY,
    handoff TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    first_person TEXT NOT NULL,
    first_role TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    second_person TEXT NOT NULL,
    second_role TEXT NOT NULL,
    second_at BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX handoff_word_by_handoff ON handoff_word (handoff, first_at);

-- Tickets at RTIR that belong to cases. `ticket` is '' until it was made there; `op` marks what is being sent, '' for
-- nothing, so that a try whose answer was lost is found again; `told` is the phase that RTIR was told last. `status` and
-- `updated` are what RTIR said last, at `seen_at`; `last` is its newest transaction that was taken back (-1: what
-- was there before the ticket was tied is left out). `settled` names the
-- contradiction that a person has left as it is. `due` is when it is tried again, `error` why not the last time.
CREATE TABLE rt_ticket (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    ticket TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    followed INTEGER NOT NULL,
    op TEXT NOT NULL,
    told TEXT NOT NULL,
    status TEXT NOT NULL,
    updated TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    last BIGINT NOT NULL,
    settled TEXT NOT NULL,
    due BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    error TEXT NOT NULL
);

CREATE INDEX rt_ticket_by_case ON rt_ticket (case_id);
CREATE INDEX rt_ticket_by_due ON rt_ticket (followed, due);
