-- What somebody does with many objects at once. `act` is JSON; `undoes` names the deed that this one takes back,
-- `undone` the one that takes this one back. Whoever works on it holds it until `held_until`; a finished deed has
-- `ended_at`. `trouble` says why it stands still.
CREATE TABLE deed (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL DEFAULT 0,
    held_until BIGINT NOT NULL DEFAULT 0,
    undoes TEXT NOT NULL DEFAULT '',
    undone TEXT NOT NULL DEFAULT '',
    trouble TEXT NOT NULL DEFAULT ''
);

CREATE INDEX deed_open ON deed (made_at) WHERE ended_at = 0;
CREATE INDEX deed_of ON deed (made_by, made_at);

-- One object of it. `fate` is waiting, kept (done, and somebody is still to be told), done or left; `made` is what came
-- of it or what it is about: ids of objects, of a hold, or of versions; `tell` are agreements whose parties are told.
CREATE TABLE deed_item (
    deed_id TEXT NOT NULL REFERENCES deed (id),
    place BIGINT NOT NULL,
    stix_id TEXT NOT NULL,
    fate TEXT NOT NULL DEFAULT 'waiting',
    made TEXT NOT NULL DEFAULT '',
    tell TEXT NOT NULL DEFAULT '',
    because TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (deed_id, place)
);

CREATE INDEX deed_item_by_fate ON deed_item (deed_id, fate, place);

-- How often something was said on a day (of UTC, counted from 1970), by the label set of that label alone, type and
-- source. Not of versions: whoever sees one by what was said later must not learn that it was here before.
CREATE TABLE day_tally (
    day BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    type TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (day, label_set_id, type, source_id)
);

INSERT INTO day_tally (day, label_set_id, type, source_id, n)
    SELECT assertion.received_at / 86400000000, assertion.label_set_id, version.type, assertion.source_id, count(*)
    FROM assertion JOIN version ON version.id = assertion.version_id
    GROUP BY assertion.received_at / 86400000000, assertion.label_set_id, version.type, assertion.source_id;
