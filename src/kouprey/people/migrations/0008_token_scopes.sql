-- What a token may do of what its role may, words with blanks between; '' = all of it. `collection` holds several ids
-- with blanks between from now on; those of tokens made before are one.
ALTER TABLE token ADD COLUMN verbs TEXT NOT NULL DEFAULT '';
