CREATE TABLE guard (
    origin TEXT PRIMARY KEY,
    size BIGINT NOT NULL,
    root {{blob}} NOT NULL,
    holder TEXT NOT NULL
);
