"""What may leave by mail and link, at every level and for everybody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.words.time import DAY
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import LEGAL_KINDS, Due, HandOff, Urgency
from kouprey.response.model.contacts import Contact
from kouprey.response.rules.outside import GRACE, LONGEST, expires, outlook

HOME = "cert.example"
levels = st.sampled_from(list(TLP))


def asked(tlp: TLP = TLP.GREEN, kind: str = "act", due: Due | None = None) -> HandOff:
    return HandOff(
        id="0" * 64,
        agreement="",
        asking=HOME,
        asked="contact-1.invalid",
        kind=kind,
        urgency=Urgency.URGENT,
        title="Block it",
        text="All of it.",
        tlp=tlp,
        at=0,
        due=due or Due(),
    )


def contact(**given: object) -> Contact:
    return Contact(id="contact-1.invalid", name="Somchai", team="Hospital", **given)  # type: ignore[arg-type]


@given(levels, levels, levels, st.sampled_from(HANDOFF_KINDS), st.sampled_from(["", HOME, "b.example"]), st.booleans())
def test_nothing_leaves_that_must_not(
    tlp: TLP, ceiling: TLP, content: TLP, kind: str, party: str, sealed: bool
) -> None:
    made = outlook(
        asked(tlp, kind),
        contact(ceiling=ceiling, content=content, party=party),
        HOME,
        sealed=("a.example", "b.example") if sealed else (),
    )
    within = not sealed or party == "b.example"
    if made.link:
        assert tlp is not TLP.RED and within and kind not in LEGAL_KINDS and tlp <= ceiling
        assert tlp < TLP.AMBER_STRICT or party == HOME
        assert not made.why and made.content == (tlp <= content and not sealed)
        assert made.curtain == (tlp > TLP.GREEN or sealed), "scanners see what is for a community at most"
    else:
        assert made.why and made.remedy and not made.content and made.curtain


def test_the_table_of_the_docs() -> None:
    usual = contact()
    assert outlook(asked(TLP.GREEN), usual, HOME)[:3] == (True, True, False)
    assert outlook(asked(TLP.AMBER), usual, HOME)[:3] == (True, False, True)
    confirmed = contact(content=TLP.AMBER)
    assert outlook(asked(TLP.AMBER), confirmed, HOME)[:3] == (True, True, True)
    strict = contact(ceiling=TLP.AMBER_STRICT)
    assert not outlook(asked(TLP.AMBER_STRICT), strict, HOME).link
    assert outlook(asked(TLP.AMBER_STRICT), contact(ceiling=TLP.AMBER_STRICT, party=HOME), HOME).link


@given(st.integers(0, 400 * DAY), st.integers(0, 400 * DAY), st.integers(0, 400 * DAY))
def test_a_link_ends_after_the_decision_is_due_and_within_a_month(decide: int, report: int, now: int) -> None:
    until = expires(asked(due=Due(decide=decide, report=report)), now)
    assert now < until <= now + LONGEST
    assert until >= min(max(decide, report) + GRACE, now + LONGEST)
