-- Of what names a hub a reader may see next to nothing: the label set of the version stands in the indexes, so that the
-- rest is stepped over there. It decides nothing. What an object says in its properties and what relationships join have
-- an index each, so that neither is walked past for the other.
ALTER TABLE reference ADD COLUMN label_set_id BIGINT NOT NULL DEFAULT 0;
DROP INDEX reference_by_target;
DROP INDEX reference_said;
DROP INDEX reference_related;
UPDATE reference SET label_set_id = coalesce((
    SELECT version.label_set_id FROM body JOIN version ON version.id = body.version_id WHERE body.id = reference.body_id
), 0);
CREATE INDEX reference_named ON reference (target_key, body_id, label_set_id) WHERE place = 0;
CREATE INDEX reference_said ON reference (target_key, body_id, label_set_id)
WHERE place = 0 AND word IN ('object_refs', 'sighting_of_ref');
CREATE INDEX reference_related ON reference (target_key, body_id, label_set_id) WHERE place > 0;
