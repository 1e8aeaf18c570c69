-- Whose person or program it is: that of a constituent hosted here ('' = of none), which reads with its eyes alone.
ALTER TABLE person ADD COLUMN constituent TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN constituent TEXT NOT NULL DEFAULT '';
CREATE INDEX person_constituent ON person (constituent) WHERE constituent <> '';
CREATE INDEX token_constituent ON token (constituent) WHERE constituent <> '';
