-- An original of which something was erased keeps its hash and loses its bytes; 0 while it is whole.
ALTER TABLE misp_event ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0;
