-- How far what a source gave may be passed on: under any agreement ('agreement', which needs no row), only inside our own
-- party ('inside'), or naming whom it is owed to ('attribution', with `credit`).
CREATE TABLE source_right (
    source_id BIGINT PRIMARY KEY REFERENCES source (id),
    passing TEXT NOT NULL,
    credit TEXT NOT NULL,
    because TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL
);
