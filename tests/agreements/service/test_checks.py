"""Written decisions are compared with the agreements, and can be decided again."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.service import Agreements
from kouprey.agreements.service.checks import checks
from kouprey.kernel.storage.labels import intern_label
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP


def told(agreements: Any, *, repair: bool = False) -> list[str]:
    services = Services()
    services.put(agreements)
    assert services.get(Agreements) is agreements
    return [f"{each.level} {each.what}" for check in checks(services) for each in check.call(repair)]


@pytest.mark.parametrize("spoil", ["UPDATE visible SET until = until + 1", "DELETE FROM visible"])
def test_decisions_are_asked_again(make_face: Any, spoil: str) -> None:
    face = make_face("one.example", "One")
    agreements = face.services.get(Agreements)
    agreements.profile(agreements.party_reader("one.example"))
    label = Label(owner="one.example", tlp=TLP.RED)
    face.store.write(lambda tx: agreements.label_set(tx, [intern_label(tx, label)]))
    assert told(agreements) == []
    face.store.write(lambda tx: tx.execute(spoil))
    assert told(agreements)[0].startswith("bad 1 written")
    assert told(agreements, repair=True)[0].startswith("mended")
    assert told(agreements) == []
