-- Who may read a collection beside our own party: party ids with blanks between, '*' for all; a collection of an
-- agreement is read by its parties whatever stands here. Whether programs may give to it, and since when nobody reads
-- it any more (0: it is in use).
ALTER TABLE collection ADD COLUMN readers TEXT NOT NULL DEFAULT '*';
ALTER TABLE collection ADD COLUMN writable BIGINT NOT NULL DEFAULT 1;
ALTER TABLE collection ADD COLUMN archived_at BIGINT NOT NULL DEFAULT 0;
