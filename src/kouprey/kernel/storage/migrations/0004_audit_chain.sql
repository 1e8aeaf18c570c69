-- Each line holds the hash of the one before and of itself, so that a changed or removed line shows. Lines written
-- before this have none.
ALTER TABLE audit ADD COLUMN chain {{blob}};
