-- Whom a lane of ours, and what waits for one, is meant for where these are not all parties of the agreement: their ids
-- in order, ours among them; '' for all parties. The epoch opened last is asked for with everything that is published.
ALTER TABLE lane ADD COLUMN aim TEXT NOT NULL DEFAULT '';
ALTER TABLE lane_outgoing ADD COLUMN aim TEXT NOT NULL DEFAULT '';

DROP INDEX lane_newest;
CREATE INDEX lane_newest ON lane (agreement, class, aim, mine, id);
