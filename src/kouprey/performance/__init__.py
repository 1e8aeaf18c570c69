"""Whether an agreement works: its measures, from receipts alone, on a page, as a table and on signed paper."""
