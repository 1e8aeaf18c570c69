-- How exchanges with a partner went, summed up by the hour and by the day: `grain` is the length in seconds, `at` where
-- it begins. `up` and `down` are the microseconds it was reached and not reached; `took` and `answer` are sums over the
-- exchanges that went well: of all they took, and of the quickest answer in each. `why` is the last failure.
CREATE TABLE link_history (
    party TEXT NOT NULL,
    grain BIGINT NOT NULL,
    at BIGINT NOT NULL,
    good BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    up BIGINT NOT NULL,
    down BIGINT NOT NULL,
    took BIGINT NOT NULL,
    answer BIGINT NOT NULL,
    came BIGINT NOT NULL,
    came_bytes BIGINT NOT NULL,
    went BIGINT NOT NULL,
    went_bytes BIGINT NOT NULL,
    why TEXT NOT NULL,
    why_at BIGINT NOT NULL,
    PRIMARY KEY (party, grain, at)
);

CREATE INDEX link_history_by_age ON link_history (grain, at);

-- Since when a partner is tried in vain; 0 while it is reached.
ALTER TABLE link ADD COLUMN down_since BIGINT NOT NULL DEFAULT 0;

-- What is urgent is looked for after each batch of a backlog.
CREATE INDEX lane_outgoing_urgent ON lane_outgoing (agreement, aim) WHERE class = 'priority';
