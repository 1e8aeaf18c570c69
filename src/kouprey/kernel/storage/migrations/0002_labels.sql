CREATE TABLE label (
    id {{identity}},
    digest {{blob}} NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    agreement TEXT NOT NULL,
    tlp BIGINT NOT NULL,
    pap BIGINT NOT NULL,
    kind TEXT NOT NULL,
    purposes TEXT NOT NULL,
    handling TEXT NOT NULL,
    sealed_to TEXT NOT NULL,
    concerned TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    exercise TEXT NOT NULL
);

CREATE TABLE label_set (
    id {{identity}},
    members TEXT NOT NULL UNIQUE
);

CREATE TABLE profile (
    id {{identity}},
    digest {{blob}} NOT NULL UNIQUE,
    reader {{blob}} NOT NULL
);

CREATE TABLE visible (
    profile_id BIGINT NOT NULL,
    label_set_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    recheck BIGINT NOT NULL,
    PRIMARY KEY (profile_id, label_set_id)
);

CREATE INDEX visible_recheck ON visible (recheck);
