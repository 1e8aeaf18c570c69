-- By which key a confirmation was signed: hex of 32 bytes, '' of before this was kept. A receipt key that was stolen is
-- cut off by size, and what it had claimed beyond the cut moves to `disowned_receipt`, which counts nowhere and is shown.
ALTER TABLE lane_confirmation ADD COLUMN signed_by TEXT NOT NULL DEFAULT '';

CREATE TABLE disowned_receipt (
    lane_id BIGINT NOT NULL,
    party TEXT NOT NULL,
    size BIGINT NOT NULL,
    said_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    disowned_at BIGINT NOT NULL,
    PRIMARY KEY (lane_id, party, size)
);
