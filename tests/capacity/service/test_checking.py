"""What is said of badges that nobody here has signed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from capacity.conftest import Schools
from capacity.service.test_badges import PRACTITIONER, two_exercises, without_web
from kouprey.capacity.model import Answer
from kouprey.capacity.service.checking import Checking
from kouprey.kernel.seal.integrity import multikey, sign_document
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import DAY


def badge_of(host: Any, agreement: str, capacity: Any) -> Any:
    party, dara = two_exercises(host, agreement, 86, 90)
    wanted = capacity.add_achievement(host.reader(), PRACTITIONER)
    return capacity.issue(host.reader(), wanted.id, party, dara)


def test_a_key_that_nobody_knows_says_only_that_nothing_was_changed(one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    assert isinstance(host.capacity, Checking)
    capacity = without_web(host)
    badge = badge_of(host, agreement, capacity)
    seen = guest.capacity.check(badge.raw)
    assert (seen.answer, seen.issuer, seen.since) == (Answer.UNKNOWN, "", 0)
    given = guest.capacity.check(badge.raw, status=capacity.status_list())
    assert given.answer is Answer.VALID
    capacity.revoke(host.reader(), badge.id, "Wrong person")
    fresh = capacity.status_list()
    assert guest.capacity.check(badge.raw, status=fresh).answer is Answer.REVOKED
    guest.at += 30 * DAY
    assert guest.capacity.check(badge.raw, status=fresh).answer is Answer.REVOKED, "a list does not forget"


def test_a_list_of_somebody_else_says_nothing(one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    capacity = without_web(host)
    badge = badge_of(host, agreement, capacity)
    theirs = json.loads(capacity.status_list())
    other = SigningKey.generate()
    key = multikey(other.public)
    theirs["issuer"] = f"did:key:{key}"
    forged = sign_document(theirs, other, method=f"did:key:{key}#{key}", created="2026-11-22T00:00:00Z")
    assert guest.capacity.check(badge.raw, status=msgspec.json.encode(forged)).answer is Answer.UNKNOWN
    theirs = json.loads(capacity.status_list())
    theirs["validUntil"] = "2099-01-01T00:00:00Z"
    assert guest.capacity.check(badge.raw, status=json.dumps(theirs).encode()).answer is Answer.UNKNOWN
    assert guest.capacity.check(badge.raw, status=b"{}").answer is Answer.UNKNOWN


def test_nobody_makes_a_partners_badge_fresh_again(lone: Schools, one: tuple[Any, Any, str]) -> None:
    """A list under a key of somebody else, in the name of the partner's list, while the partner is not heard."""
    host, guest, agreement = one
    badge = badge_of(host, agreement, host.capacity)
    host.capacity.keep_register()
    lone.sync()
    guest.at += 9 * DAY
    assert guest.capacity.check(badge.raw).answer is Answer.UNKNOWN
    forged = json.loads(host.capacity.status_list())
    other = SigningKey.generate()
    key = multikey(other.public)
    forged |= {"issuer": f"did:key:{key}", "validUntil": "2199-01-01T00:00:00Z"}
    made = sign_document(forged, other, method=f"did:key:{key}#{key}", created="2026-11-22T00:00:00Z")
    assert guest.capacity.check(badge.raw, status=msgspec.json.encode(made)).answer is Answer.UNKNOWN
    host.at = guest.at
    assert guest.capacity.check(badge.raw, status=host.capacity.status_list()).answer is Answer.VALID


def test_what_is_over_is_said_to_be_over(one: tuple[Any, Any, str]) -> None:
    host, _, agreement = one
    badge = badge_of(host, agreement, host.capacity)
    host.at += 4 * 365 * DAY
    assert host.capacity.check(badge.raw).answer is Answer.OVER


def test_an_old_key_signs_nothing_new(one: tuple[Any, Any, str]) -> None:
    host, _, agreement = one
    badge = badge_of(host, agreement, host.capacity)
    document = json.loads(badge.raw)
    key = document["proof"]["verificationMethod"].partition("#")[2]
    host.at += DAY
    host.capacity.rotate_key(host.reader())
    with host.store.read() as reader:
        line = next(each for each in host.capacity.key_log() if each.key == key)
        late = host.capacity._signed(reader, document, key, line.not_after + DAY)
    seen = host.capacity.check(msgspec.json.encode(late))
    assert (seen.answer, seen.why) == (Answer.REFUSED, "key-over")


def test_what_is_no_badge_is_said_to_be_none(one: tuple[Any, Any, str]) -> None:
    host, _, _ = one
    for raw in (b"", b"[]", b"{}", b'{"type":["OpenBadgeCredential"]}', b"\xff"):
        with pytest.raises(Damaged):
            host.capacity.check(raw)
