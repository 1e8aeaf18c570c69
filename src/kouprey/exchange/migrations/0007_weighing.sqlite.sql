-- Until when a body says that it holds; what says nothing has no row.
CREATE TABLE expiry (
    body_id BIGINT PRIMARY KEY,
    version_id BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE INDEX expiry_by_end ON expiry (ends_at, body_id);

-- What is held already. Times with an offset break the standard and are left out.
INSERT INTO expiry (body_id, version_id, ends_at)
SELECT id, version_id, CAST(strftime('%s', substr(said, 1, 19)) AS INTEGER) * 1000000
    + CASE WHEN substr(said, 20, 1) = '.'
        THEN CAST(substr(rtrim(substr(said, 21), 'Z') || '000000', 1, 6) AS INTEGER) ELSE 0 END
FROM (
    SELECT id, version_id, json_extract(CAST(bytes AS TEXT), '$.valid_until') AS said FROM body
    WHERE instr(bytes, CAST('"valid_until"' AS BLOB)) > 0
) AS held
WHERE said GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*Z'
    AND trim(substr(said, 21), '0123456789') IN ('', 'Z') AND strftime('%s', substr(said, 1, 19)) IS NOT NULL;

-- Our statements that two objects mean the same thing. `undone_at` is 0 while one stands; nothing is ever deleted.
CREATE TABLE merge (
    id {{identity}},
    stix_id TEXT NOT NULL,
    into_id TEXT NOT NULL,
    because TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    undone_by TEXT NOT NULL DEFAULT '',
    undone_at BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX merge_by_object ON merge (stix_id) WHERE undone_at = 0;
CREATE INDEX merge_by_into ON merge (into_id) WHERE undone_at = 0;
