"""Tables: rows of separated values, what their columns are, and the objects that are made of them."""

from kouprey.exchange.wire.tables.cells import SAID, VALUE_ROLES
from kouprey.exchange.wire.tables.look import HEAD, look_at
from kouprey.exchange.wire.tables.making import check_mapping, read_mapping
from kouprey.exchange.wire.tables.read import read_table

__all__ = ["HEAD", "SAID", "VALUE_ROLES", "check_mapping", "look_at", "read_mapping", "read_table"]
