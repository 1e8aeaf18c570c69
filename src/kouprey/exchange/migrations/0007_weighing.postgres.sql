-- Until when a body says that it holds; what says nothing has no row.
CREATE TABLE expiry (
    body_id BIGINT PRIMARY KEY,
    version_id BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE INDEX expiry_by_end ON expiry (ends_at, body_id);

-- What is held already. Times with an offset break the standard and are left out, and so is what is no time at all.
-- Days are added to the first of the month: a day that its month does not have would stop the migration.
INSERT INTO expiry (body_id, version_id, ends_at)
SELECT id, version_id, (
        CAST(extract(epoch FROM CAST(substr(said, 1, 8) || '01' AS DATE)) AS BIGINT)
        + (CAST(substr(said, 9, 2) AS BIGINT) - 1) * 86400 + CAST(substr(said, 12, 2) AS BIGINT) * 3600
        + CAST(substr(said, 15, 2) AS BIGINT) * 60 + CAST(substr(said, 18, 2) AS BIGINT)
    ) * 1000000 + CAST(rpad(coalesce(substring(said FROM '\.([0-9]{1,6})'), ''), 6, '0') AS BIGINT)
FROM (
    SELECT id, version_id, CASE WHEN position('\x2276616c69645f756e74696c22'::BYTEA IN bytes) > 0
        THEN CAST(convert_from(bytes, 'UTF8') AS JSON) ->> 'valid_until' END AS said FROM body
) AS held
WHERE said ~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]+)?Z$';

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
