-- A technical value in its canonical form. `id` is a hash of kind and text under a key of this node, so that nobody can
-- make two values meet. `place` orders it among its kind ('' where there is no order): networks, domains from their top.
CREATE TABLE observable (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    place TEXT NOT NULL
);

CREATE INDEX observable_by_place ON observable (kind, place) WHERE place <> '';

-- Which bodies name it. Who may see that follows from the version and, where it has several bodies, the assertions.
-- No row refers to another table: each would cost an import one more look-up for nothing that can go wrong.
CREATE TABLE occurrence (
    observable_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    body_id BIGINT NOT NULL,
    PRIMARY KEY (observable_id, version_id, body_id)
);
