-- What people call a token, '' for nothing: its user is for machines.
ALTER TABLE token ADD COLUMN name TEXT NOT NULL DEFAULT '';
