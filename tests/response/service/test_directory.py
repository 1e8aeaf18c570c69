"""Profiles between real nodes: written, given, never overwritten by older ones, held back, erased."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.agreements.model import Terms
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.directory import Profile, Shift
from kouprey.response.wire.profiles import MEDIA_TYPE, write_profile

ON_SQLITE = pytest.mark.parametrize("neighbours", ["sqlite"], indirect=True)
"""What no engine decides."""


def keep(node: Any, *, verified: bool = False, **fields: Any) -> Profile:
    """Our own profile in a new version."""
    held = node.directory.own(node.reader()).profile
    made: Profile = node.directory.save(
        node.reader(), msgspec.structs.replace(held, **({"name": "CERT"} | fields)), verified=verified
    )
    return made


def test_a_profile_gets_to_partners_in_its_versions(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    keep(a, phone="+855 1", prefixes=("203.0.113.0/24",), verified=True)
    a.directory.turn()
    neighbours.sync()
    assert b.directory.list_teams(b.reader()) == {}, "it goes to nobody before it is given"
    a.directory.publish(a.reader())
    neighbours.sync()
    entry = b.directory.get(b.reader(), a.party)
    assert entry.profile == a.directory.own(a.reader()).profile and entry.agreements == (agreement,)
    assert entry.profile.verified and not entry.written_by
    keep(a, phone="+855 2")
    a.directory.publish(a.reader())
    neighbours.sync()
    assert b.directory.get(b.reader(), a.party).profile.phone == "+855 2"
    assert b.directory.get(b.reader(), a.party, 1).profile.phone == "+855 1"
    assert a.directory.outlook() == (2, {agreement: (2, "")})
    # An older version that comes late is kept, and overwrites nothing.
    raw = write_profile(msgspec.structs.replace(entry.profile, version=9, phone="+855 9"))
    late = write_profile(msgspec.structs.replace(entry.profile, version=8, phone="+855 8"))
    for body in (raw, late):
        a.publish(agreement, [body], kind="hand-off", media_type=MEDIA_TYPE)
        neighbours.sync()
    assert b.directory.get(b.reader(), a.party).profile.phone == "+855 9"
    assert [each.profile.version for each in b.directory.list_versions(b.reader(), a.party)] == [9, 8, 2, 1]


def test_other_words_under_the_same_version_and_of_another_party_are_not_taken(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    keep(a, phone="+855 1")
    made = a.directory.publish(a.reader())
    neighbours.sync()
    other = msgspec.structs.replace(made, phone="+855 9")
    strange = msgspec.structs.replace(made, party=b.party, version=7)
    a.publish(agreement, list(map(write_profile, (other, strange))), kind="hand-off", media_type=MEDIA_TYPE)
    neighbours.sync()
    assert b.directory.get(b.reader(), a.party).profile.phone == "+855 1"
    assert b.directory.own(b.reader()).profile.version == 0


@ON_SQLITE
def test_a_new_agreement_brings_it_and_one_without_hand_offs_does_not(neighbours: Any, pair: Any) -> None:
    a, b, _ = pair
    c, d = neighbours.actor("third.example"), neighbours.actor("fourth.example")
    neighbours.acquaint(a, b, c, d)
    keep(a)
    a.directory.publish(a.reader())
    neighbours.agree(a, c, terms=Terms(types=("intelligence", "hand-off")))
    neighbours.agree(a, d, terms=Terms(types=("intelligence",)))
    assert a.directory.turn() == 1 and a.directory.turn() == 0
    neighbours.sync()
    assert c.directory.get(c.reader(), a.party).profile.name == "CERT"
    assert d.directory.list_teams(d.reader()) == {}


@ON_SQLITE
def test_who_is_cleared_too_low_does_not_see_it(neighbours: Any, pair: Any) -> None:
    a, b, _ = pair
    keep(a)
    a.directory.publish(a.reader())
    neighbours.sync()
    low = b.reader(clearance=TLP.CLEAR)
    assert b.directory.list_teams(low) == {} and b.directory.list_versions(low, a.party) == []
    with pytest.raises(Unknown):
        b.directory.get(low, a.party)
    with pytest.raises(Forbidden):
        b.directory.list_teams(msgspec.structs.replace(low, local=False))


@ON_SQLITE
def test_who_may_write_it_and_what_is_refused(pair: Any) -> None:
    a, _, _ = pair
    with pytest.raises(Refused) as none:
        a.directory.publish(a.reader())
    assert none.value.code == "no-profile"
    with pytest.raises(Forbidden):
        a.directory.save(a.reader(Role.ANALYST), Profile(party=a.party, name="x"), verified=False)
    for wrong in ({"name": ""}, {"prefixes": ("x",)}):
        with pytest.raises(Damaged):
            keep(a, **wrong)
    assert a.directory.own(a.reader()).profile.version == 0, "nothing is half-stored"


@ON_SQLITE
def test_checked_stays_checked_until_somebody_checks_again(pair: Any) -> None:
    a, _, _ = pair
    first = keep(a, verified=True)
    assert first.verified == first.at and keep(a, phone="1").verified == first.verified


def test_who_is_on_duty_goes_with_it_by_role_at_each_change(neighbours: Any, pair: Any) -> None:
    a, b, _ = pair
    now = a.now()
    for person, start in (("Dara", 0), ("Sok", 3_600)):
        starts, ends = now + start * SECOND, now + (start + 3_600) * SECOND
        a.roster.add(
            a.reader(), Shift(id="", person=person, role=f"Officer {start}", reach="+855", starts=starts, ends=ends)
        )
    keep(a, duty_shown=True)
    a.directory.publish(a.reader())
    neighbours.sync()
    held = b.directory.get(b.reader(), a.party).profile
    assert held.duty is not None and held.duty.role == "Officer 0"
    a.directory.turn()
    assert a.directory.own(a.reader()).profile.version == 1, "nothing has changed"
    a.ahead = 3_700
    a.directory.turn()
    neighbours.sync()
    held = b.directory.get(b.reader(), a.party).profile
    assert held.version == 2 and held.duty is not None and held.duty.role == "Officer 3600"
    a.ahead = 9_000
    keep(a, phone="half written")
    a.directory.turn()
    neighbours.sync()
    assert b.directory.get(b.reader(), a.party).profile.version == 2, "what somebody still writes is not sent"
    assert not any(b"Dara" in body or b"Sok" in body for body in b.got)


@ON_SQLITE
def test_erased_words_go_and_the_version_stays(neighbours: Any, pair: Any) -> None:
    a, b, _ = pair
    keep(a, phone="+855 1")
    a.directory.publish(a.reader())
    neighbours.sync()
    with b.store.read() as reader:
        origin, index = reader.one("SELECT origin, entry_index FROM team_profile WHERE party = ?", (a.party,))
    b.directory.erase_received(origin, "somebody.example", [index])
    assert b.directory.get(b.reader(), a.party).profile.phone == "+855 1"
    b.directory.erase_received(origin, a.party, [index])
    left = b.directory.get(b.reader(), a.party).profile
    assert (left.version, left.phone, left.name) == (1, "", "")
