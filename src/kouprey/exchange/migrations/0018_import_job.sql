-- An import that somebody started and may ask after: how far it is, written with what was taken in. `size` and `done`
-- are bytes of the file as it was given; `counted` the figures so far and `told` why it failed, both JSON. `stop` asks
-- it to end at its next batch, and `beat_at` is when it last showed that it lives. `state` is waiting, running, done,
-- cancelled or failed; that it was interrupted is seen from the outside and stands nowhere.
CREATE TABLE import_job (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    tlp TEXT NOT NULL,
    collection TEXT NOT NULL,
    size BIGINT NOT NULL,
    done BIGINT NOT NULL,
    counted TEXT NOT NULL,
    state TEXT NOT NULL,
    told TEXT NOT NULL,
    stop BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
);

CREATE INDEX import_job_by_person ON import_job (person, began_at);

-- What an import refused, in the order of the stream; `refusal` is JSON.
CREATE TABLE import_refusal (
    job_id TEXT NOT NULL REFERENCES import_job (id),
    number BIGINT NOT NULL,
    refusal TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
);
