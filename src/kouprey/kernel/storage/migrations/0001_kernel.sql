-- Small values of the node: settings, secrets, stamps.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value {{blob}} NOT NULL
);

-- The last position given; one row. Positions are microseconds.
CREATE TABLE position_clock (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  last BIGINT NOT NULL
);
INSERT INTO position_clock (id, last) VALUES (1, 0);

-- What has happened, for listeners of other capabilities; `body` is JSON.
CREATE TABLE outbox (
  position BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  body {{blob}} NOT NULL
);
CREATE INDEX outbox_by_name ON outbox (name, position);

-- How far each listener has come; a lease lets one process at a time deliver to it.
CREATE TABLE outbox_cursor (
  listener TEXT PRIMARY KEY,
  position BIGINT NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  leased_until BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  failed_at BIGINT NOT NULL DEFAULT 0,
  retry_at BIGINT NOT NULL DEFAULT 0
);

-- Who did what to what and when; rows are only ever added. `detail` is JSON.
CREATE TABLE audit (
  id {{identity}},
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  party TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);
