-- How far the import of a file has come, by its path, written with what was taken in: `offset_after` is where in the
-- uncompressed stream that ends, `digest` the hash of it. `counted` and `refusals` are JSON: the figures so far, and the
-- refusals that may not have reached their file, which had `refusals_size` bytes before them. `run` is who goes on now.
CREATE TABLE bookmark (
    path TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    size BIGINT NOT NULL,
    options TEXT NOT NULL,
    offset_after BIGINT NOT NULL,
    digest {{blob}} NOT NULL,
    counted TEXT NOT NULL,
    refusals TEXT NOT NULL,
    refusals_size BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
