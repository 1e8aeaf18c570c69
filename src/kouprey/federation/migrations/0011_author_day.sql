-- How much an author had us store under an agreement on a day of our clock, by class of lane: held against clause 8.
CREATE TABLE author_day (
    agreement TEXT NOT NULL,
    author TEXT NOT NULL,
    class TEXT NOT NULL,
    day BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (agreement, author, class, day)
);

CREATE INDEX author_day_by_age ON author_day (day);
