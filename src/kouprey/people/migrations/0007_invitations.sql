-- Who made a link, when, and whether it was taken back; links made before this say neither.
ALTER TABLE sign_in_link ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_in_link ADD COLUMN made_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sign_in_link ADD COLUMN revoked_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sign_in_link_person ON sign_in_link (person);
