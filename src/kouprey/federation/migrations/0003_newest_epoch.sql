-- The epoch opened last is asked for with everything that is published: found by the index alone, nothing sorted.
CREATE INDEX lane_newest ON lane (agreement, class, mine, id);
