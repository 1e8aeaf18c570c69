-- What is said of an indicator, version by version; the newest of an indicator counts, and none is ever removed.
-- `query`, `counted` and `days` tell what the node had counted when it was confirmed; `public` is the evidence statement.
CREATE TABLE readiness_answer (
    number {{identity}},
    id TEXT NOT NULL,
    framework TEXT NOT NULL,
    indicator TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    note TEXT NOT NULL,
    evidence TEXT NOT NULL,
    query TEXT NOT NULL,
    counted BIGINT NOT NULL,
    days BIGINT NOT NULL,
    public TEXT NOT NULL,
    newest SMALLINT NOT NULL
);

CREATE UNIQUE INDEX readiness_answer_newest ON readiness_answer (framework, indicator) WHERE newest = 1;

-- What everybody may read as evidence: a signed note of a count. A withdrawn one stays, and says so.
CREATE TABLE readiness_statement (
    id TEXT PRIMARY KEY,
    statement TEXT NOT NULL,
    note TEXT NOT NULL,
    withdrawn_at BIGINT NOT NULL
);
