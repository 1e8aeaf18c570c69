-- Sensors that send here.
CREATE TABLE watch_source (
    name TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    tells SMALLINT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    retired SMALLINT NOT NULL,
    last_at BIGINT NOT NULL,
    events BIGINT NOT NULL,
    refused BIGINT NOT NULL
);

-- Lines that came, counted in steps of five minutes of arrival.
CREATE TABLE watch_span (
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    events BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (source, at)
);

CREATE INDEX watch_span_by_time ON watch_span (at);

-- Batches that were taken, with what was answered (JSON): the same batch is taken once.
CREATE TABLE watch_batch (
    source TEXT NOT NULL,
    batch TEXT NOT NULL,
    at BIGINT NOT NULL,
    digest TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (source, batch)
);

CREATE INDEX watch_batch_by_time ON watch_batch (at);

-- Files of kept events, by source and hour of arrival. What lies beyond `size` in a file was never committed.
CREATE TABLE watch_segment (
    source TEXT NOT NULL,
    hour BIGINT NOT NULL,
    size BIGINT NOT NULL,
    events BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (source, hour)
);

-- Files that are followed, and how far.
CREATE TABLE watch_follower (
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    file TEXT NOT NULL,
    head TEXT NOT NULL,
    head_size BIGINT NOT NULL,
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (source, path)
);

-- Hits of one indicator at one host within one hour.
CREATE TABLE watch_alert (
    id TEXT PRIMARY KEY,
    indicator TEXT NOT NULL,
    named_kind TEXT NOT NULL,
    named TEXT NOT NULL,
    how TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    host TEXT NOT NULL,
    source TEXT NOT NULL,
    hour BIGINT NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    line TEXT NOT NULL,
    past SMALLINT NOT NULL,
    told BIGINT NOT NULL,
    sighting TEXT NOT NULL,
    dismissed_at BIGINT NOT NULL,
    dismissed_by TEXT NOT NULL,
    reason TEXT NOT NULL
);

CREATE UNIQUE INDEX watch_alert_once ON watch_alert (indicator, host, hour);
CREATE INDEX watch_alert_by_time ON watch_alert (hour, raised_at);

-- How far the kept past was asked: the position of the last indicator it was asked for.
CREATE TABLE watch_mark (
    name TEXT PRIMARY KEY,
    position BIGINT NOT NULL
);

-- Sightings that were made of alerts.
CREATE TABLE watch_telling (
    sighting TEXT PRIMARY KEY,
    indicator TEXT NOT NULL,
    at BIGINT NOT NULL,
    count BIGINT NOT NULL
);

CREATE INDEX watch_telling_by_indicator ON watch_telling (indicator, at);
