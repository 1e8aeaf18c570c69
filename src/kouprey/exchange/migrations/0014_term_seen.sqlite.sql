-- Which terms there are: a beginning of words that stands for some hundreds is looked for as these, since the index
-- walks each of them backwards, while of a beginning it gathers everything first.
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(term, row);

-- Conflicts are few among hits: what is none is not looked up further.
CREATE INDEX version_of_several ON version (position) WHERE bodies > 1;

-- Texts get the level of their label set beside it with the second edition of the search; where there are none, all
-- that come have it.
UPDATE edition SET edition = 2 WHERE kind = 'search' AND NOT EXISTS (SELECT 1 FROM body);
