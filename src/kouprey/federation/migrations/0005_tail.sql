-- The compact range of a lane ends where it was last signed, and a checksum tells damage of what stands behind that;
-- -1 where entries were appended before there were checksums.
ALTER TABLE lane ADD COLUMN tail BIGINT NOT NULL DEFAULT -1;

UPDATE lane SET tail = 0 WHERE size = signed_size;
UPDATE lane SET frontier = coalesce((SELECT c.frontier FROM lane_checkpoint AS c
                                     WHERE c.lane_id = lane.id AND c.size = lane.signed_size), substr(genesis, 1, 0));
