"""Sealed items go with few messages, and to whom they were asked for."""

from __future__ import annotations

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import HandOff, Side, Urgency, Verb
from kouprey.response.model.sealed import Grant, Opener, SealedItem
from kouprey.response.rules.disclosing import CARRIES, check_sealed

ASKED = HandOff(
    id="",
    agreement="agr_x",
    asking="a.example",
    asked="b.example",
    kind="disclose",
    urgency=Urgency.URGENT,
    title="t",
    text="t",
    tlp=TLP.AMBER,
    at=0,
    readers=(Opener(name="Azman", key="age1azman"),),
)


def item(*keys: str) -> SealedItem:
    return SealedItem(sha256="00", size=1, body=b"x", grants=tuple(Grant(to=key, box=b"") for key in keys))


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("verb", list(Verb))
def test_only_who_is_asked_gives_with_what_it_tells(side: Side, verb: Verb) -> None:
    check_sealed(ASKED, side, verb, ())
    if side is Side.ASKED and verb in CARRIES:
        check_sealed(ASKED, side, verb, (item("age1azman"),))
        return
    with pytest.raises(Refused) as refused:
        check_sealed(ASKED, side, verb, (item("age1azman"),))
    assert refused.value.code == "not-sealed-here"


@pytest.mark.parametrize("keys", [("age1other",), ("age1azman", "age1other")])
def test_nobody_gets_it_of_whom_the_request_does_not_speak(keys: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        check_sealed(ASKED, Side.ASKED, Verb.REPORT, (item(*keys),))
    assert refused.value.code == "other-readers" and "age1other" in refused.value.why
