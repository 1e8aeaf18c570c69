-- Occurrences stand under their label set, so that what a reader sees of a value is found without walking past the rest
-- and without looking at each version. `label_set_id` is the version's while it has one body; 0 where it has several,
-- since who sees which of them hangs on the assertions.
CREATE TABLE occurrence_by_set (
    observable_id INTEGER NOT NULL,
    label_set_id INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL,
    PRIMARY KEY (observable_id, label_set_id, body_id)
) WITHOUT ROWID;

INSERT INTO occurrence_by_set (observable_id, label_set_id, body_id, version_id)
SELECT occurrence.observable_id, CASE WHEN version.bodies = 1 THEN version.label_set_id ELSE 0 END,
    occurrence.body_id, occurrence.version_id
FROM occurrence JOIN version ON version.id = occurrence.version_id
ORDER BY 1, 2, 3;

DROP TABLE occurrence;
ALTER TABLE occurrence_by_set RENAME TO occurrence;

-- A list of some types goes from label set to label set too, so that nothing hidden is walked past.
DROP INDEX version_by_type;
CREATE INDEX version_by_kind ON version (label_set_id, type, position);
DROP INDEX version_in_conflict;
CREATE INDEX version_in_conflict ON version (label_set_id, position) WHERE bodies > 1;
CREATE INDEX assertion_by_source ON assertion (source_id, version_id);
