-- Whom a sign-in provider calls by which subject; kept when somebody is deactivated, so that they stay known.
CREATE TABLE person_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX person_identity_person ON person_identity (person, issuer);
