-- The ledger asks which assertion an entry brought; what came by no entry needs no place here.
CREATE INDEX assertion_by_entry ON assertion (origin, entry_index) WHERE origin <> '';
