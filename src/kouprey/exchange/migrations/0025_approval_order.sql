-- What waits is read oldest first, a page at a time; a bulk deed asks for thousands at one instant.
DROP INDEX approval_by_state;
CREATE INDEX approval_by_state ON approval (state, asked_at, id);
