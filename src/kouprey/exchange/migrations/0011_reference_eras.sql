-- The key of a reference begins with the era of its body: that many of 131,072 bodies came before it. New ones then
-- stand together at the end of the index, where a hash alone spread them over all its pages.
DROP INDEX reference_by_target;
UPDATE reference SET target_key = ((body_id >> 17) << 40) | (target_key & 1099511627775);
CREATE INDEX reference_by_target ON reference (target_key, body_id);
