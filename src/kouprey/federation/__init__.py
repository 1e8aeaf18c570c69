"""Federation: lanes, links and parcels; carries signed entries between the parties of an agreement and proves it."""
