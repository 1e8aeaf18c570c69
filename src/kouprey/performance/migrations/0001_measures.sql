-- How far the entries of a lane, and the receipts of a party for it, are summed up.
CREATE TABLE measure_lane (
    lane_id BIGINT PRIMARY KEY,
    done BIGINT NOT NULL
);

CREATE TABLE measure_receipt (
    lane_id BIGINT NOT NULL,
    party TEXT NOT NULL,
    done BIGINT NOT NULL,
    PRIMARY KEY (lane_id, party)
);

-- What was given, once for each author, agreement, object and label. `key` and `object` are hashes under a key of this
-- node, so that nothing is left here of what is erased. `flags`: 1 an indicator, 2 it says why, 4 it says more.
CREATE TABLE measure_given (
    key BIGINT PRIMARY KEY,
    object BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    author TEXT NOT NULL,
    quarter BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    flags BIGINT NOT NULL
);

CREATE INDEX measure_given_by_object ON measure_given (object);

-- Objects that a relation under their own label names: keys as in measure_given.
CREATE TABLE measure_related (
    key BIGINT PRIMARY KEY
);

-- That a party holds an object for wrong, and under which label it says so.
CREATE TABLE measure_mark (
    agreement TEXT NOT NULL,
    object BIGINT NOT NULL,
    marker TEXT NOT NULL,
    label_set_id BIGINT NOT NULL,
    PRIMARY KEY (agreement, object, marker, label_set_id)
);

-- Entries [first, beyond) of a lane that its author asks the others to erase.
CREATE TABLE measure_recall (
    lane_id BIGINT NOT NULL,
    entry_index BIGINT NOT NULL,
    first BIGINT NOT NULL,
    beyond BIGINT NOT NULL,
    PRIMARY KEY (lane_id, entry_index, first)
);

-- How often: `what` is objects, indicators, context, publish or acknowledge. Of the last two `times` tells how long it
-- took, as JSON: seconds, cut to their first six binary digits, and how often; one row, because a page reads thousands.
-- `label_set_id` is that of the one label of what is counted.
CREATE TABLE measure_tally (
    agreement TEXT NOT NULL,
    quarter BIGINT NOT NULL,
    what TEXT NOT NULL,
    author TEXT NOT NULL,
    party TEXT NOT NULL,
    label_set_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    times TEXT NOT NULL,
    PRIMARY KEY (agreement, quarter, what, author, party, label_set_id)
);
