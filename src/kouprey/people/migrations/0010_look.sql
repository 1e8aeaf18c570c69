-- How pages look to a person, so that it follows them from one browser to another. '' and -1 are no choice.
ALTER TABLE person ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN theme TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN shortcuts SMALLINT NOT NULL DEFAULT -1;
