-- What was erased or lifted here, in order: kept beside the guard, because a backup that is older must not undo it.
-- `record` is JSON of whoever erased; federation does not read it.
CREATE TABLE erasure (
    number BIGINT PRIMARY KEY,
    record TEXT NOT NULL
);
