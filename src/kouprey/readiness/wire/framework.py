"""Framework files (docs/spec/framework.md): TOML, ours beside the code, those of a node in its folder `frameworks`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
from msgspec import Meta

from kouprey.kernel.words.errors import Damaged
from kouprey.readiness.model import (
    Aggregate,
    Asked,
    Figure,
    Framework,
    Group,
    Indicator,
    Measure,
    Rights,
    Threshold,
    Weights,
)

SCHEMA = "kouprey.readiness/1"
LARGEST = 1 << 20
"""Bytes of a file that is read."""
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_PLACE = re.compile(r" - at `\$(.*)`$")

Key = Annotated[str, Meta(min_length=1, max_length=60)]
Text = Annotated[str, Meta(min_length=1, max_length=300)]
Amount = Annotated[float, Meta(ge=0, le=1e9)]
Days = Annotated[int, Meta(ge=0, le=36_500)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"most": "max"}):
    pass


class _Group(_Strict, frozen=True, kw_only=True):
    id: Key
    title: Text
    most: Amount = 0.0


class _Threshold(_Strict, frozen=True, kw_only=True):
    id: Key
    title: Text
    at: Amount = 0.0
    levels: dict[str, Annotated[int, Meta(ge=0, le=100)]] = {}


class _Asked(_Strict, frozen=True, kw_only=True):
    query: Key
    count: Annotated[int, Meta(ge=1)] = 1
    within_days: Days = 0


class _Indicator(_Strict, frozen=True, kw_only=True):
    id: Key
    group: Key
    title: Text
    most: Amount
    requires: list[str] = []
    evidence: list[_Asked] = []


class _Measure(_Strict, frozen=True, kw_only=True):
    id: Key
    title: Text
    gives: list[str]
    effort_days: Amount
    cost_usd: Amount = 0.0
    lead_days: Days = 0
    requires: list[str] = []
    also: list[str] = []


class _Figure(_Strict, frozen=True, kw_only=True):
    country: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    name: Text
    values: dict[str, Amount]


class _File(_Strict, frozen=True, kw_only=True):
    schema: str
    id: Key
    title: Text
    version: Text
    source: Text
    retrieved: date
    rights: Rights
    aggregate: Aggregate
    weights: Weights = Weights.PUBLISHED
    unit: str = "points"
    most: Amount = 0.0
    note: Annotated[str, Meta(max_length=2_000)] = ""
    group: list[_Group] = []
    threshold: list[_Threshold] = []
    indicator: list[_Indicator] = []
    measure: list[_Measure] = []
    figure: list[_Figure] = []


@cache
def shipped() -> dict[str, Framework]:
    """Those that come with the program, by id."""
    folder = files("kouprey.readiness") / "templates" / "frameworks"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return {each.name[:-5]: read_framework(each.name[:-5], each.read_text("utf-8")) for each in found}


def of_node(folder: Path) -> dict[str, Framework]:
    """Those that the people of a node have put into a folder; the same id as one of ours stands in its place."""
    if not folder.is_dir():
        return {}
    found = {}
    for file in sorted(folder.glob("*.toml")):
        if file.stat().st_size > LARGEST:
            _wrong(file.stem, "the file", f"It is larger than {LARGEST:,} bytes.")
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError as error:
            _wrong(file.stem, f"byte {error.start}", "It is not UTF-8.")
        found[file.stem] = read_framework(file.stem, text)
    return found


def read_framework(key: str, text: str) -> Framework:
    """A framework out of its file, which is called `key`; Damaged (`bad-framework`) naming what is wrong in it."""
    if not _KEY.fullmatch(key):
        _wrong(key, "the name of the file", "Only small letters, digits and hyphens.")
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except tomllib.TOMLDecodeError as error:
        _wrong(key, "the file", str(error))
    except RecursionError:
        _wrong(key, "the file", "It is nested too deeply.")
    except msgspec.ValidationError as error:
        found = _PLACE.search(str(error))
        _wrong(key, found[1].lstrip(".") if found else "the file", _PLACE.sub("", str(error)) + ".")
    if file.schema != SCHEMA:
        _wrong(key, "schema", f"{SCHEMA!r} is to stand there.")
    if file.id != key:
        _wrong(key, "id", f"The file is called {key!r}, and says {file.id[:60]!r}.")
    _check(key, file)
    return Framework(
        id=file.id,
        title=file.title,
        version=file.version,
        source=file.source,
        retrieved=file.retrieved,
        rights=file.rights,
        aggregate=file.aggregate,
        weights=file.weights,
        unit=file.unit,
        most=file.most or sum(each.most for each in file.indicator),
        note=file.note,
        groups=tuple(Group(id=each.id, title=each.title, most=each.most) for each in file.group),
        thresholds=tuple(
            Threshold(id=each.id, title=each.title, at=each.at, levels=each.levels) for each in file.threshold
        ),
        indicators=tuple(map(_indicator, file.indicator)),
        measures=tuple(map(_measure, file.measure)),
        figures=tuple(Figure(country=each.country, name=each.name, values=each.values) for each in file.figure),
    )


def _indicator(read: _Indicator) -> Indicator:
    return Indicator(
        id=read.id,
        group=read.group,
        title=read.title,
        most=read.most,
        requires=tuple(read.requires),
        evidence=tuple(
            Asked(query=each.query, count=each.count, within_days=each.within_days) for each in read.evidence
        ),
    )


def _measure(read: _Measure) -> Measure:
    return Measure(
        id=read.id,
        title=read.title,
        gives=tuple(read.gives),
        effort_days=read.effort_days,
        cost_usd=read.cost_usd,
        lead_days=read.lead_days,
        requires=tuple(read.requires),
        also=tuple(read.also),
    )


def _check(key: str, file: _File) -> None:
    """What one part says of another."""
    groups = _once(key, "group", [each.id for each in file.group])
    indicators = _once(key, "indicator", [each.id for each in file.indicator])
    measures = _once(key, "measure", [each.id for each in file.measure])
    _once(key, "threshold", [each.id for each in file.threshold])
    _once(key, "figure", [each.country for each in file.figure])
    for place, indicator in enumerate(file.indicator):
        _known(key, f"indicator[{place}].group", [indicator.group], groups)
        _known(key, f"indicator[{place}].requires", indicator.requires, indicators)
    for place, measure in enumerate(file.measure):
        _known(key, f"measure[{place}].gives", measure.gives, indicators)
        _known(key, f"measure[{place}].requires", measure.requires, measures)
    for place, figure in enumerate(file.figure):
        _known(key, f"figure[{place}].values", figure.values, groups)
    for place, threshold in enumerate(file.threshold):
        _known(key, f"threshold[{place}].levels", threshold.levels, indicators)
    for what, needs in (
        ("measure", {each.id: each.requires for each in file.measure}),
        ("indicator", {each.id: each.requires for each in file.indicator}),
    ):
        if circle := _circle(needs):
            _wrong(key, f"{what}.requires", f"{circle!r} needs itself, by way of others.")


def _once(key: str, what: str, names: Iterable[str]) -> set[str]:
    seen = set[str]()
    for place, each in enumerate(names):
        if each in seen:
            _wrong(key, f"{what}[{place}]", f"{each!r} stands there twice.")
        seen.add(each)
    return seen


def _known(key: str, where: str, names: Iterable[str], known: set[str]) -> None:
    for each in names:
        if each not in known:
            _wrong(key, where, f"There is no {each[:60]!r} in this file.")


def _circle(needs: dict[str, list[str]]) -> str:
    """One that needs itself, or ""; without recursion, for files may be long."""
    done = set[str]()
    for start in needs:
        path: list[tuple[str, int]] = [(start, 0)]
        within = {start}
        while path:
            each, turn = path.pop()
            if turn == len(needs[each]):
                done.add(each)
                within.discard(each)
                continue
            path.append((each, turn + 1))
            following = needs[each][turn]
            if following in within:
                return following
            if following not in done:
                path.append((following, 0))
                within.add(following)
    return ""


def _wrong(key: str, where: str, why: str) -> NoReturn:
    raise Damaged(
        f"The framework “{key[:60]}” cannot be read.",
        f"{where}: {why}",
        "Mend its file (docs/spec/framework.md).",
        code="bad-framework",
        detail={"where": where},
    )
