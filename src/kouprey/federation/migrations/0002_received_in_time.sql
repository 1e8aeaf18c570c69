-- What was received is read newest first over all lanes; what was given goes by its publication number.
CREATE INDEX lane_entry_received ON lane_entry (at, lane_id, entry_index) WHERE publication = 0;
