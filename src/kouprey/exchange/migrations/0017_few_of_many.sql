-- Whose author is one identity, or what bears one marking, may be a million: who looks for what is said of that identity,
-- or related with it, must not walk past them all.
CREATE INDEX reference_said ON reference (target_key, body_id)
WHERE place = 0 AND word IN ('object_refs', 'sighting_of_ref');
CREATE INDEX reference_related ON reference (target_key, body_id) WHERE place > 0;
