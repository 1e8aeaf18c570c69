"""What programs give: where, under which label, and what they take out of a collection again."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model import SourceKind
from kouprey.exchange.service import MAIN, Given
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage import audit
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.tlp import TLP


def give(party: Any, who: Reader, collection: str, *raws: bytes) -> Given:
    chosen = party.exchange.get_collection(collection)
    arrivals = [read_object(raw) for raw in raws]
    made: Given = party.exchange.contribute(arrivals, who=who, collection=chosen, also=lambda _, given: given)
    return made


def program(party: str, *, local: bool = False) -> Reader:
    return Reader(party=party, clearance=TLP.RED, local=local, name="tok_1")


def of_agreement(party: Any, agreement: str) -> str:
    party.exchange.ensure_defaults()
    name: str = party.store.write(lambda tx: party.exchange._of_agreement(tx, agreement)).name
    return name


def test_our_own_programs_give_as_files_do(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("feed", by="test")
    own = program(ministry.id, local=True)
    given = give(ministry, own, "feed", stix.make("a"), stix.make("b", tlp=TLP.GREEN))
    assert [each.verdict for each in given.outcomes] == ["new", "new"] and given.seen_conflicts == set()
    for name, level in (("a", TLP.AMBER_STRICT), ("b", TLP.GREEN)):
        (said,) = ministry.exchange.get_object(ministry.reader(), stix.id("indicator", name)).newest.served.assertions
        assert (said.source.kind, said.source.name, said.label.tlp) == (SourceKind.TOKEN, "tok_1", level)
    for collection in (MAIN, "feed"):
        assert len(ministry.exchange.page(ministry.reader(), collection).rows) == 2
    with ministry.store.read() as reader:
        (noted,) = audit.list_audit(reader, action="collection.contribute")
    assert (noted.actor, noted.party, noted.detail) == ("tok_1", ministry.id, {"kept": 2, "refused": 0})


def test_programs_of_others_give_under_their_agreement_and_within_it(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    theirs, where = program(operator.id), of_agreement(ministry, agreement)
    raws = [stix.make("a"), stix.make("b", tlp=TLP.AMBER), stix.make("c", tlp=TLP.CLEAR)]
    outcomes = give(ministry, theirs, where, *raws).outcomes
    assert [each.verdict for each in outcomes] == ["new", "refused", "new"]
    assert outcomes[1].error is not None and outcomes[1].error.code == "ceiling"
    (said,) = ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "a")).newest.served.assertions
    assert (said.label.owner, said.label.agreement, said.label.tlp) == (operator.id, agreement, TLP.GREEN)
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    with pytest.raises(Forbidden):
        give(ministry, theirs, where, stix.make("d"))


def test_who_may_write_where(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    shared, main = (ministry.exchange.get_collection(name) for name in (of_agreement(ministry, agreement), MAIN))
    own, theirs, others = program(ministry.id, local=True), program(operator.id), program(neighbour.id)
    allowed = [[ministry.exchange.may_write(who, where) for where in (main, shared)] for who in (own, theirs, others)]
    assert allowed == [[True, False], [False, True], [False, False]]
    for who, where in ((own, shared), (theirs, main), (others, shared)):
        with pytest.raises(Forbidden):
            give(ministry, who, where.name, stix.make("a"))


def test_only_our_own_programs_take_out(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    shared, main = (ministry.exchange.get_collection(name) for name in (of_agreement(ministry, agreement), MAIN))
    give(ministry, program(operator.id), shared.name, stix.make("a"))
    name = stix.id("indicator", "a")
    (row,) = ministry.exchange.page(ministry.reader(), MAIN).rows
    for who, where in ((program(operator.id), shared), (program(ministry.id, local=True), shared)):
        with pytest.raises(Forbidden):
            ministry.exchange.take_out(who, where, name, [row.instant])
    assert ministry.exchange.take_out(program(ministry.id, local=True), main, name, [row.instant]) == 1
    assert ministry.exchange.page(ministry.reader(), MAIN).rows == ()
    # It stays where else it is, and comes back when it is given again.
    assert len(ministry.exchange.page(ministry.reader(), shared.name).rows) == 1
    again = give(ministry, program(operator.id), shared.name, stix.make("a")).outcomes
    assert again[0].verdict == "repeat"
    (back,) = ministry.exchange.page(ministry.reader(), MAIN).rows
    assert back.position > row.position
