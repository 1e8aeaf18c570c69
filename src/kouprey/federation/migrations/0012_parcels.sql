-- Stretches of lanes that came by parcel before what lies below them, each verified by itself; gone when the gap is
-- filled. `ended` tells that its author calls the epoch ended.
CREATE TABLE lane_ahead (
    origin TEXT NOT NULL,
    first BIGINT NOT NULL,
    beyond BIGINT NOT NULL,
    author TEXT NOT NULL,
    via TEXT NOT NULL,
    checkpoint {{blob}} NOT NULL,
    headers {{blob}} NOT NULL,
    frames {{blob}} NOT NULL,
    ended SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (origin, first, beyond)
);

-- How far the parcels made for a party have carried a lane of ours, confirmed or not.
CREATE TABLE parcel_carried (
    party TEXT NOT NULL,
    lane_id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (party, lane_id)
);
