"""What may be used for a purpose, and who said what."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import PAP, TLP


def test_the_strictest_word_that_is_seen_counts(ministry: Any, operator: Any, stix: Any) -> None:
    exchange, who = ministry.exchange, ministry.reader()
    ids = {name: stix.id("indicator", name) for name in ("free", "quiet", "other", "both", "hidden", "under", "fit")}
    ministry.keep(stix.make("free"), stix.make("both"), stix.make("hidden"), tlp=TLP.GREEN)
    ministry.keep(stix.make("quiet"), stix.make("both"), tlp=TLP.GREEN, pap=PAP.AMBER)
    ministry.keep(stix.make("hidden"), tlp=TLP.RED, pap=PAP.RED)
    ministry.keep(stix.make("other"), tlp=TLP.GREEN, purposes=("research",))
    ministry.keep(stix.make("fit"), tlp=TLP.GREEN, pap=PAP.GREEN, purposes=("protection", "research"))
    agreement = stix.agree(ministry, operator, purposes=("research",))
    ministry.keep(stix.make("under"), tlp=TLP.GREEN, agreement=agreement, owner=operator.id)

    def barred(reader: Any) -> set[str]:
        found = {stix_id for stix_id, _ in exchange.barred_from(reader, "protection", PAP.GREEN, "indicator")}
        return {name for name, stix_id in ids.items() if stix_id in found}

    assert barred(who) == {"quiet", "both", "other", "hidden", "under"}
    # What somebody may not see bars nothing for them, so that nothing is told by it.
    assert barred(ministry.reader(TLP.GREEN)) == {"quiet", "both", "other", "under"}
    assert exchange.barred_from(who, "protection", PAP.GREEN, "malware") == frozenset()
    assert {each[0] for each in exchange.barred_from(who, "research", PAP.RED, "indicator")} == set()


def test_who_said_what(ministry: Any, stix: Any) -> None:
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("mine"), tlp=TLP.GREEN)
    ministry.keep(stix.make("secret"), tlp=TLP.RED)
    said = exchange.said_by(who, [ministry.id], "indicator")
    assert {stix_id for stix_id, _ in said} == {stix.id("indicator", "mine"), stix.id("indicator", "secret")}
    low = exchange.said_by(ministry.reader(TLP.GREEN), [ministry.id], "indicator")
    assert {stix_id for stix_id, _ in low} == {stix.id("indicator", "mine")}
    assert exchange.said_by(who, ["nobody.example"], "indicator") == frozenset()
