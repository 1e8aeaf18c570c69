-- That the node took its own seal off the key of a sealed item for one reader. Written before a byte of it leaves; never
-- changed, never deleted. The items themselves stand in the messages of hand-offs, sealed as they came.
CREATE TABLE sealed_release (
    id TEXT PRIMARY KEY,
    handoff TEXT NOT NULL,
    item TEXT NOT NULL,
    key TEXT NOT NULL,
    person TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX sealed_release_by_handoff ON sealed_release (handoff, at);
