-- Checkpoints of lanes that other readers have fixed in lanes of their own, the newest of each reader. `verdict`: 0 it
-- is of more entries than are held here, 1 it agrees with what is held, 2 it contradicts it. Our own anchors are here
-- too, as 1.
CREATE TABLE lane_anchor (
    lane_id BIGINT NOT NULL,
    party TEXT NOT NULL,
    size BIGINT NOT NULL,
    note {{blob}} NOT NULL,
    verdict SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (lane_id, party)
);

CREATE INDEX lane_anchor_waiting ON lane_anchor (lane_id) WHERE verdict = 0;
