"""Named values of the node."""

from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Store


def test_a_value_is_kept_replaced_and_absent_until_put(store: Store) -> None:
    with store.read() as reader:
        assert meta.get(reader, "node") is None
    for value in (b"\x00\xff", b"", b"later"):
        store.write(lambda tx, value=value: meta.put(tx, "node", value))
        with store.read() as reader:
            assert meta.get(reader, "node") == value
            assert meta.get(reader, "nod") is None
