"""The situation on both engines: what it names bears its marking, and nobody's picture counts what they do not see."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import DAY
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb
from kouprey.response.model.cases import Kind, Link, LinkTo, Note, Task, Track
from kouprey.response.model.situation import Situation
from kouprey.response.service import Situations
from response.campaigns import ACTOR, BEHIND, CAMPAIGN, TARGET, bring_into, objects, sighting
from response.conftest import HOUR, Neighbours
from response.service.test_cases import Bureau

MINE = "ministry.example"


class Desk(Bureau):
    """A bureau with a situation, whose exchange the cases use."""

    def __init__(self, world: Neighbours) -> None:
        super().__init__(world)
        actor = self.actor
        self.exchange = self.cases._exchange
        self.situations = Situations(
            actor.store, actor.people, actor.agreements, self.exchange, actor.handoffs, self.cases, actor.now
        )

    def look(self, who: Reader | None = None) -> Situation:
        return self.situations.look(who or self.lead)


@pytest.fixture
def desk(neighbours: Neighbours) -> Desk:
    return Desk(neighbours)


def test_who_is_behind_it_bears_the_marking_of_all_that_says_so(desk: Desk) -> None:
    campaign, actor, target, aims, behind = objects(confidence=40)
    bring_into(desk.exchange, [campaign, actor])
    assert desk.look().campaigns[0].attributions == () and desk.look().tlp is TLP.GREEN
    bring_into(desk.exchange, [behind], TLP.AMBER)
    low = desk.who(Role.LEAD, clearance=TLP.GREEN)
    (said,) = desk.look().campaigns[0].attributions
    assert (said.actor, said.relation, said.confidence, said.tlp) == (ACTOR, BEHIND, 40, TLP.AMBER)
    assert desk.look().campaigns[0].tlp is TLP.GREEN and desk.look().tlp is TLP.AMBER
    assert desk.look(low).campaigns[0].attributions == () and desk.look(low).tlp is TLP.GREEN
    bring_into(desk.exchange, [target, aims], TLP.RED)
    found = desk.look().campaigns[0]
    assert found.sectors == ("government-national",) and found.tlp is TLP.RED and found.stix_id == CAMPAIGN
    assert desk.look(low).campaigns[0].sectors == () and not any(each.first for each in desk.look(low).strikes)
    assert any(each.first and each.tlp is TLP.RED for each in desk.look().strikes) and TARGET
    desk.exchange.opine(BEHIND, "strongly-disagree", who=desk.lead, by=desk.lead.name, because="No.")
    desk.exchange.opine(BEHIND, "agree", who=desk.analyst, by=desk.analyst.name, because="Yes.")
    (said,) = desk.look().campaigns[0].attributions
    assert [each.name for each in said.disagree] == [desk.lead.name]
    assert [each.name for each in said.agree] == [desk.analyst.name]


def test_an_old_campaign_that_is_seen_again_stands_there(desk: Desk) -> None:
    bring_into(desk.exchange, objects())
    later = desk.exchange.list_objects(desk.lead, limit=1).heads[0].position + 1
    desk.situations._clock = lambda: later + DAY
    assert desk.situations.look(desk.lead, 1).campaigns == ()
    assert desk.situations.look(desk.lead, 1).strikes == () and desk.situations.look(desk.lead, 2).campaigns
    bring_into(desk.exchange, [sighting(CAMPAIGN)])
    seen = desk.situations.look(desk.lead, 1)
    (found,) = seen.campaigns
    assert found.seen and found.title.startswith("Grey Heron") and sum(seen.seen) == 1
    assert seen.fresh.campaigns == 0, "it did not come anew"


def test_cases_are_counted_for_those_who_see_them(desk: Desk) -> None:
    named = desk.open("A quiet one", cross_border=True)
    desk.cases.name_to(desk.lead, named.id, [], named=True)
    desk.open("Loud", cross_border=True, type="ddos", sectors=("Media",))
    desk.open("Drill", cross_border=True, type="ddos", kind=Kind.EXERCISE)
    mine, other = desk.look(), desk.look(desk.analyst)
    assert {each.title for each in mine.cases or ()} == {"A quiet one", "Loud"}
    assert [each.title for each in other.cases or ()] == ["Loud"]
    assert (mine.fresh.opened, other.fresh.opened) == (2, 1)
    assert [(each.title, each.first) for each in other.strikes] == [("Loud", True)]
    admin = desk.look(desk.who(Role.ADMINISTRATOR))
    assert admin.cases is None and admin.strikes == () and admin.fresh.opened == admin.fresh.changed == 0
    with pytest.raises(KoupreyError):
        desk.look(Reader(party="operator.example", clearance=TLP.RED))
    with pytest.raises(KoupreyError):
        desk.situations.look(desk.lead, 91)


def test_links_that_changed_a_case_are_read_on_their_tracks(desk: Desk) -> None:
    bring_into(desk.exchange, objects())
    case = desk.open()
    legal = desk.who(Role.LEGAL)
    link = Link(to=LinkTo.OBJECT, ref=CAMPAIGN, changed=True)
    desk.cases.add(legal, case.id, Track.LEGAL, link)
    assert [each.stix_id for each in desk.look(legal).changing] == [CAMPAIGN]
    assert desk.look().changing == (), "the legal track is not the lead's to read"
    desk.cases.add(desk.lead, case.id, Track.TECHNICAL, Link(to=LinkTo.OBJECT, ref=CAMPAIGN))
    assert desk.look().changing == (), "a link that changed nothing is none"


def test_lessons_are_kept_whole(desk: Desk) -> None:
    case = desk.open(type="phishing")
    desk.cases.add(desk.lead, case.id, Track.TECHNICAL, Note(text="An ordinary note"))
    wanted = Task(title="Write a list", who=desk.analyst.name, due=desk.actor.now() + DAY)
    desk.cases.keep_lessons(desk.lead, case.id, Track.TECHNICAL, "First.", [wanted])
    desk.cases.keep_lessons(desk.lead, case.id, Track.TECHNICAL, "Second.")
    learnt = desk.cases.learnt(desk.lead, case.id)
    assert learnt.text == "Second." and len(learnt.recommended) == 1
    assert desk.cases.draft_lessons(desk.lead, case.id).tasks == 0
    before = len(desk.bodies(desk.lead, case))
    with pytest.raises(KoupreyError):
        desk.cases.keep_lessons(desk.lead, case.id, Track.TECHNICAL, "Third.", [Task(title="Nobody's")])
    assert len(desk.bodies(desk.lead, case)) == before


def test_traffic_and_clocks_of_both_sides(pair: Any, neighbours: Neighbours) -> None:
    a, b, agreement = pair
    desk = Desk.__new__(Desk)
    neighbours.actor = lambda party: a  # type: ignore[method-assign,assignment]
    Desk.__init__(desk, neighbours)
    late, met = a.ask(agreement, b), a.ask(agreement, b, title="Block another")
    neighbours.sync()
    b.say(met, Verb.ACKNOWLEDGE)
    neighbours.sync()
    a.ahead = 2 * HOUR
    found = desk.look(a.reader(name=desk.lead.name))
    (line,) = [each for each in found.traffic if each.party == b.party]
    assert (line.asked_by_us, line.asked_of_us, line.late) == (2, 0, 1)
    assert found.handoffs[0].id == late and found.handoffs[0].late
    figures = {each.clock: each for each in desk.situations.punctual(a.reader())}
    assert figures["acknowledge"].allowed_s == HOUR and len(figures["acknowledge"].seconds) == 1
    assert (figures["acknowledge"].late, figures["acknowledge"].open) == (1, 1)
    assert (figures["decide"].late, figures["decide"].open, figures["decide"].missing) == (0, 2, 0)
    low = desk.look(a.reader(clearance=TLP.CLEAR))
    assert low.handoffs == () and all(each.total == 0 for each in low.traffic) and low.fresh.handoffs == 0
    assert desk.situations.punctual(a.reader(clearance=TLP.CLEAR)) == ()
