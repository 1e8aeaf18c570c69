-- What a client that named its request (Idempotency-Key) was answered, for a day; `status` 0: not answered yet.
CREATE TABLE kept_answer (
  reader TEXT NOT NULL,
  name TEXT NOT NULL,
  digest {{blob}} NOT NULL,
  begun_at BIGINT NOT NULL,
  held_until BIGINT NOT NULL,
  status BIGINT NOT NULL DEFAULT 0,
  media_type TEXT NOT NULL DEFAULT '',
  body {{blob}},
  PRIMARY KEY (reader, name)
);
CREATE INDEX kept_answer_by_age ON kept_answer (begun_at);
