-- What was erased: that a body with this hash was held as this version of an object, and why it is gone. `given` is
-- JSON, [[publication number, agreement, parties, at], ...]. `label_set_id` is that of the version, 0 where nobody may
-- learn of it: what was erased before it came back from an older backup. While `lifted_at` is 0 the version is barred.
CREATE TABLE tombstone (
    id {{identity}},
    stix_id TEXT NOT NULL,
    type TEXT NOT NULL,
    instant BIGINT NOT NULL,
    version_text TEXT NOT NULL,
    sha256 {{blob}} NOT NULL,
    label_set_id BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    given TEXT NOT NULL,
    because TEXT NOT NULL,
    erased_by TEXT NOT NULL,
    erased_at BIGINT NOT NULL,
    lifted_at BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX tombstone_by_version ON tombstone (stix_id, instant);

-- Who said what was erased, under which label; as an assertion, whose `label_set_id` is the set of that label alone.
CREATE TABLE tombstone_voice (
    tombstone_id BIGINT NOT NULL REFERENCES tombstone (id),
    source_id BIGINT NOT NULL REFERENCES source (id),
    label_id BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    entry_index BIGINT NOT NULL
);

CREATE INDEX tombstone_voice_of ON tombstone_voice (tombstone_id);

-- What must not be erased: `kind` says whether `what` is an object, or the id of a collection or of a saved search.
CREATE TABLE hold (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    search TEXT NOT NULL,
    because TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    lifted_by TEXT NOT NULL DEFAULT '',
    lifted_at BIGINT NOT NULL DEFAULT 0
);
