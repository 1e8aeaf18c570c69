"""What nodes say to each other about activities, as entries of a lane carry it (docs/spec/capacity.md)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from kouprey.capacity.model import (
    Activity,
    Competency,
    ItsState,
    KeyLine,
    Kind,
    Nomination,
    Nominee,
    Register,
    SeatPlan,
    Sort,
    Wish,
    WishList,
)
from kouprey.kernel.seal.integrity import parse_multikey
from kouprey.kernel.seal.keys import ALG_NOTE, VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import DAY, SECOND, Instant, format_second, parse_instant
from kouprey.kernel.words.tlp import parse_tlp

MEDIA_TYPES: Mapping[Sort, str] = {
    Sort.ACTIVITY: "application/vnd.kouprey.activity+json;version=1",
    Sort.NOMINATION: "application/vnd.kouprey.nomination+json;version=1",
    Sort.SEATS: "application/vnd.kouprey.seats+json;version=1",
    Sort.REGISTER: "application/vnd.kouprey.badge-register+json;version=1",
    Sort.NEEDS: "application/vnd.kouprey.training-needs+json;version=1",
}
LARGEST = 200_000
MOST_PEOPLE = 500
MOST_DAYS = 366
_ID = re.compile(r"[0-9a-f]{32}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")

Word = Annotated[str, Meta(max_length=100)]
Line = Annotated[str, Meta(max_length=300)]
Text = Annotated[str, Meta(max_length=5_000)]
Version = Annotated[int, Meta(ge=1, le=1_000_000)]


class _Activity(msgspec.Struct, kw_only=True, omit_defaults=True):
    v: int
    nonce: Word
    host: Word
    version: Version
    kind: Kind
    title: Line
    starts: str
    ends: str
    zone: Word
    deadline: str
    seats: Annotated[int, Meta(ge=0, le=10_000)]
    tlp: str
    theme: Line = ""
    place: Line = ""
    online: Line = ""
    languages: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    competencies: Annotated[tuple[Competency, ...], Meta(max_length=50)] = ()
    note: Text = ""
    state: ItsState = ItsState.OPEN
    why: Text = ""


class _Person(msgspec.Struct, kw_only=True, omit_defaults=True):
    id: Word
    name: Line
    role: Line = ""
    mail: Line = ""


class _Nomination(msgspec.Struct, kw_only=True, omit_defaults=True):
    v: int
    activity: str
    host: Word
    party: Word
    version: Version
    people: Annotated[tuple[_Person, ...], Meta(max_length=MOST_PEOPLE)] = ()
    accepted: Annotated[tuple[Word, ...], Meta(max_length=MOST_PEOPLE)] = ()


class _Seats(msgspec.Struct, kw_only=True, omit_defaults=True):
    v: int
    activity: str
    host: Word
    party: Word
    version: Version
    confirmed: Annotated[tuple[Word, ...], Meta(max_length=MOST_PEOPLE)] = ()
    waiting: Annotated[tuple[Word, ...], Meta(max_length=MOST_PEOPLE)] = ()
    offered: Annotated[tuple[Word, ...], Meta(max_length=MOST_PEOPLE)] = ()
    passes: dict[Word, Word] = {}


class _Key(msgspec.Struct, kw_only=True, omit_defaults=True):
    key: Word
    proof: Word
    not_before: str
    not_after: str = ""


class _Register(msgspec.Struct, kw_only=True, omit_defaults=True):
    v: int
    party: Word
    version: Version
    dids: Annotated[tuple[Line, ...], Meta(max_length=100)]
    keys: Annotated[tuple[_Key, ...], Meta(max_length=100)]
    status: Annotated[str, Meta(max_length=LARGEST)] = ""


class _Wishes(msgspec.Struct, kw_only=True, omit_defaults=True):
    v: int
    party: Word
    version: Version
    wishes: Annotated[tuple[Wish, ...], Meta(max_length=200)] = ()


def activity_id(host: str, nonce: str) -> str:
    """The id of an activity: nobody but its host can have one that begins with the host's name."""
    return sha256(f"{host}\n{nonce}".encode()).hexdigest()[:32]


def write_activity(each: Activity) -> bytes:
    """The bytes of a version; times in whole seconds of UTC."""
    fields = {name: getattr(each, name) for name in _Activity.__struct_fields__ if name not in ("v", "tlp")}
    fields |= {name: format_second(fields[name]) for name in ("starts", "ends", "deadline")}
    return msgspec.json.encode(_Activity(v=1, tlp=each.tlp.word, **fields))


def read_activity(raw: bytes, agreement: str = "") -> Activity:
    """A version of an activity; Damaged (`bad-message`) for anything that is not exactly that."""
    read = _read(raw, _Activity, Sort.ACTIVITY)
    fields = {name: getattr(read, name) for name in _Activity.__struct_fields__ if name != "v"}
    try:
        fields |= {name: parse_instant(fields[name]) for name in ("starts", "ends", "deadline")}
        fields["tlp"] = parse_tlp(read.tlp)
    except (ValueError, OverflowError) as error:
        raise _bad(Sort.ACTIVITY, str(error)) from error
    made = Activity(id=activity_id(read.host, read.nonce), agreement=agreement, **fields)
    if problem := problem_of(made):
        raise _bad(Sort.ACTIVITY, problem)
    return made


def problem_of(each: Activity) -> str:
    """What is wrong with an activity, in words; "" for nothing."""
    if not is_party_id(each.host):
        return "its host is no party"
    if not each.title.strip() or not each.title.isprintable():
        return "its title is missing or cannot be shown"
    if each.zone not in available_timezones():
        return f"{each.zone[:40]!r} is no time zone"
    if each.ends <= each.starts:
        return "it ends before it begins"
    if each.ends - each.starts > MOST_DAYS * DAY:
        return "it takes more than a year"
    if each.deadline > each.ends:
        return "nominations end after it does"
    if not (each.place.strip() or each.online.strip()):
        return "it has neither a place nor an address"
    if any(not _LANGUAGE.fullmatch(language) for language in each.languages):
        return "a language is not written like km or en"
    if any(target.framework not in ("nice", "ecsf") or len(target.code) > 20 for target in each.competencies):
        return "a competency is of no framework known here"
    return ""


def days_of(each: Activity) -> list[str]:
    """The days at its place, as ISO dates, from the first to the last."""
    zone = ZoneInfo(each.zone)
    first, last = (
        datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone).date() for at in (each.starts, each.ends - 1)
    )
    return [first.fromordinal(day).isoformat() for day in range(first.toordinal(), last.toordinal() + 1)]


def write_nomination(each: Nomination) -> bytes:
    """The bytes of a list: of each person what is needed, and no more."""
    people = tuple(_Person(id=one.id, name=one.name, role=one.role, mail=one.mail) for one in each.people)
    fields = {name: getattr(each, name) for name in ("activity", "host", "party", "version", "accepted")}
    return msgspec.json.encode(_Nomination(v=1, people=people, **fields))


def read_nomination(raw: bytes) -> Nomination:
    """A party's list; Damaged (`bad-message`)."""
    read = _read(raw, _Nomination, Sort.NOMINATION)
    _check_about(read, Sort.NOMINATION)
    people = tuple(Nominee(id=one.id, name=one.name, role=one.role, mail=one.mail) for one in read.people)
    ids = [one.id for one in people]
    if len(set(ids)) != len(ids) or not all(ids):
        raise _bad(Sort.NOMINATION, "somebody stands in it twice, or without an id")
    if any(not one.name.isprintable() for one in people):
        raise _bad(Sort.NOMINATION, "a name cannot be shown")
    fields = {name: getattr(read, name) for name in ("activity", "host", "party", "version", "accepted")}
    return Nomination(people=people, **fields)


def write_seats(each: SeatPlan) -> bytes:
    """The bytes of a decision."""
    return msgspec.json.encode(_Seats(v=1, **msgspec.structs.asdict(each)))


def read_seats(raw: bytes) -> SeatPlan:
    """What a host has decided; Damaged (`bad-message`)."""
    read = _read(raw, _Seats, Sort.SEATS)
    _check_about(read, Sort.SEATS)
    placed = [*read.confirmed, *read.waiting, *read.offered]
    if len(set(placed)) != len(placed):
        raise _bad(Sort.SEATS, "somebody has two states")
    fields = {name: getattr(read, name) for name in SeatPlan.__struct_fields__}
    return SeatPlan(**fields)


def write_register(each: Register, sign: Callable[[str, bytes], bytes]) -> bytes:
    """The bytes of what badges of a party are checked by; `sign` makes the signature of a key over some bytes."""
    keys = tuple(
        _Key(
            key=line.key,
            proof=b64encode(sign(line.key, _claim(each.party, line.key))).decode(),
            not_before=format_second(line.not_before),
            not_after=format_second(line.not_after) if line.not_after else "",
        )
        for line in each.keys
    )
    status = b64encode(each.status).decode()
    return msgspec.json.encode(
        _Register(v=1, party=each.party, version=each.version, dids=each.dids, keys=keys, status=status)
    )


def read_register(raw: bytes, came_at: Instant = 0) -> Register:
    """Keys and status list of a party; Damaged (`bad-message`), where a key does not say so itself, too."""
    read = _read(raw, _Register, Sort.REGISTER)
    try:
        for line in read.keys:
            public = VerifyKey("key", ALG_NOTE, parse_multikey(line.key))
            if not public.verify(_claim(read.party, line.key), b64decode(line.proof, validate=True)):
                raise ValueError("a key has not signed that it is this party's")
        keys = tuple(
            KeyLine(
                key=line.key,
                not_before=parse_instant(line.not_before),
                not_after=parse_instant(line.not_after) if line.not_after else 0,
            )
            for line in read.keys
        )
        status = b64decode(read.status, validate=True)
    except (ValueError, OverflowError, Damaged) as error:
        raise _bad(Sort.REGISTER, str(error)) from error
    if not is_party_id(read.party):
        raise _bad(Sort.REGISTER, "it is of no party")
    return Register(party=read.party, version=read.version, dids=read.dids, keys=keys, status=status, came_at=came_at)


def _claim(party: str, key: str) -> bytes:
    """What a key signs to be a party's: nobody else can have it in a register."""
    return f"kouprey badge key\n{party}\n{key}\n".encode()


def write_wishes(each: WishList) -> bytes:
    """The bytes of what a party needs and offers."""
    return msgspec.json.encode(_Wishes(v=1, **msgspec.structs.asdict(each)))


def read_wishes(raw: bytes) -> WishList:
    """What a party needs and offers; Damaged (`bad-message`)."""
    read = _read(raw, _Wishes, Sort.NEEDS)
    for each in read.wishes:
        if each.competency.framework not in ("nice", "ecsf") or len(each.competency.code) > 20:
            raise _bad(Sort.NEEDS, "a competency is of no framework known here")
        if not 0 < each.count <= 10_000 or len(each.note) > 300 or not each.note.isprintable():
            raise _bad(Sort.NEEDS, "a number or a note is out of bounds")
    if not is_party_id(read.party):
        raise _bad(Sort.NEEDS, "it is of no party")
    return WishList(party=read.party, version=read.version, wishes=read.wishes)


def without_words(sort: Sort, raw: bytes) -> bytes:
    """A message that its author has erased: that it was said stays, names and words go."""
    if sort is Sort.NOMINATION:
        read = read_nomination(raw)
        people = tuple(Nominee(id=one.id, name="–") for one in read.people)
        return write_nomination(msgspec.structs.replace(read, people=people))
    if sort is Sort.ACTIVITY:
        held = read_activity(raw)
        return write_activity(msgspec.structs.replace(held, title="–", theme="", place="–", online="", note="", why=""))
    if sort is Sort.NEEDS:
        wishes = read_wishes(raw)
        return write_wishes(msgspec.structs.replace(wishes, wishes=()))
    return raw


def _read(raw: bytes, kind: Any, sort: Sort) -> Any:
    if len(raw) > LARGEST:
        raise _bad(sort, "it is too large")
    try:
        read = msgspec.convert(decode(raw), type=kind)
    except msgspec.ValidationError as error:
        raise _bad(sort, str(error)) from error
    if read.v != 1:
        raise _bad(sort, "its form is not known")
    return read


def _check_about(read: Any, sort: Sort) -> None:
    if not _ID.fullmatch(read.activity) or not is_party_id(read.host) or not is_party_id(read.party):
        raise _bad(sort, "its activity, its host or its party is none")


def _bad(sort: Sort, why: str) -> Damaged:
    return Damaged(f"A message about capacity ({sort}) cannot be read.", f"In it, {why}."[:300], code="bad-message")
