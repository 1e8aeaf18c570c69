"""The first steps: what is done shows by itself, the rest is said; the list goes and comes back."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node
from kouprey.node.fiction import CANARY
from kouprey.node.setup import SAMPLE, Setup, Step, sample
from kouprey.people.model import Role
from kouprey.people.service import People


def open_steps(setup: Setup, people: People) -> set[Step]:
    return {each.step for each in setup.list(people.list_persons()[0]) if not each.done}


def test_what_was_done_elsewhere_is_done_here(node: Node) -> None:
    setup, people = Setup(node), node.services.get(People)
    assert open_steps(setup, people) == set(Step) and setup.wanted()
    people.save_person("Rith", (Role.ANALYST,), TLP.GREEN, by="test")
    report = setup.take_sample(by="test")
    assert report.new > 30 and report.refused == report.musts == 0
    assert open_steps(setup, people) == set(Step) - {Step.COLLEAGUES, Step.INTELLIGENCE}
    again = setup.take_sample(by="test")
    assert again.new == 0 and again.conflicts == 0, "twice brings nothing twice"


def test_steps_are_called_done_and_the_list_goes_when_all_are(node: Node) -> None:
    setup, people = Setup(node), node.services.get(People)
    for step in Step:
        setup.mark(step, True)
    setup.mark(Step.PARTNER, False)
    assert open_steps(setup, people) == {Step.PARTNER} and setup.wanted()
    setup.mark(Step.PARTNER, True)
    assert open_steps(setup, people) == set() and not setup.wanted()
    setup.put_away(False, by="test")
    assert setup.wanted()
    setup.put_away(True, by="test")
    assert not Setup(node).wanted(), "it is kept"


def test_the_sample_is_invented_and_nothing_in_it_is_red(node: Node) -> None:
    Setup(node).take_sample(by="test")
    exchange = node.services.get(Exchange)
    assert CANARY not in str(sample())
    counts = exchange.counts(exchange.operator())
    assert TLP.RED not in counts.by_tlp and TLP.AMBER in counts.by_tlp
    heads = exchange.list_objects(exchange.operator(), limit=100).heads
    assert all(each.sources == (SAMPLE,) for each in heads)
