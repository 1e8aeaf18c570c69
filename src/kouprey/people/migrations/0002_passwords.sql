CREATE TABLE password (
    person TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Wrong passwords lately, by a keyed hash of the name or address that was given: what people type is not kept.
CREATE TABLE sign_in_failure (
    subject {{blob}} PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT 'link';
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
CREATE INDEX session_person ON session (person);
