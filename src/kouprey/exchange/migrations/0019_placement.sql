-- Where bodies place something among the ways of attack. `way` is 'phase' (of the kill chain `scheme`, by its `name`),
-- 'technique' (its number in the catalogue `scheme`) or 'object' (the STIX id of an attack pattern); `kind` is the type
-- of what is placed. `label_set_id` is the version's where whoever sees it is given this body and no newer one; 0 where
-- that hangs on the reader; -1 where nobody who sees it is without a newer one. `source_id` brought it first, in the
-- month `month` (202611); both are 0 unless the label set is above 0.
CREATE TABLE placement (
    body_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    object_id BIGINT NOT NULL,
    way TEXT NOT NULL,
    scheme TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    label_set_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    month BIGINT NOT NULL,
    PRIMARY KEY (body_id, name, scheme, way, kind)
);

CREATE INDEX placement_by_object ON placement (object_id);
CREATE INDEX placement_by_name ON placement (name, label_set_id, body_id);
CREATE INDEX placement_of_several ON placement (body_id) WHERE label_set_id = 0;
CREATE INDEX placement_of_patterns ON placement (body_id) WHERE kind = 'attack-pattern';

-- How many there are under each label set above 0, so that a matrix needs no more than this.
CREATE TABLE placed (
    label_set_id BIGINT NOT NULL,
    way TEXT NOT NULL,
    scheme TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    month BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (label_set_id, way, scheme, name, kind, source_id, month)
);

INSERT INTO edition (kind, edition, done, upto) SELECT 'placements', 1, 0, coalesce(max(id), 0) FROM body;
