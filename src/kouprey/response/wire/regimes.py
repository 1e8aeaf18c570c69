"""Regimes as files: TOML, ours beside the code and those of a node in its folder `regimes`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND
from kouprey.response.model.regimes import FIELDS, After, Regime, Step

MOST_STEPS = 20
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_WITHIN = re.compile(r"(\d{1,5})([hdm])")
_UNITS = {"h": 3_600, "d": 86_400, "m": 60}


def shipped() -> dict[str, Regime]:
    """Those that come with the program, by key."""
    folder = files("kouprey.response") / "templates" / "regimes"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return {each.name[:-5]: read_regime(each.name[:-5], each.read_text("utf-8")) for each in found}


def of_node(folder: Path) -> dict[str, Regime]:
    """Those that the people of a node have put into a folder; the same key as one of ours stands in its place."""
    if not folder.is_dir():
        return {}
    return {each.stem: read_regime(each.stem, each.read_text("utf-8")) for each in sorted(folder.glob("*.toml"))}


def read_regime(key: str, text: str) -> Regime:
    """A regime out of its file; Damaged (`bad-regime`) naming what is wrong in it."""
    if not _KEY.fullmatch(key):
        _wrong(key, "the name of the file", "Only small letters, digits and hyphens.")
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _wrong(key, "the file", str(error))
    steps = value.get("steps", [])
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        _wrong(key, "steps", f"A list of at most {MOST_STEPS} is to stand there.")
    made = tuple(_step(key, place, each) for place, each in enumerate(steps))
    known: set[str] = set()
    for step in made:
        if step.key in known:
            _wrong(key, f"steps.{step.key}", "It stands there twice.")
        if step.after is After.SENT and step.step not in known:
            _wrong(key, f"steps.{step.key}.step", "It names no step before it.")
        known.add(step.key)
    review = value.get("review_by")
    if not isinstance(review, date) or isinstance(review, datetime):
        _wrong(key, "review_by", "A day is to stand there: when somebody looks at the law again.")
    sources = value.get("sources", [])
    if not isinstance(sources, list) or not sources or not all(isinstance(each, str) for each in sources):
        _wrong(key, "sources", "Where it comes from is to stand there.")
    day = datetime(review.year, review.month, review.day, tzinfo=UTC)
    return Regime(
        key=key,
        title=_text(key, value, "title", needed=True),
        place=_text(key, value, "place"),
        version=_text(key, value, "version", needed=True),
        sources=tuple(sources),
        review_by=int(day.timestamp()) * SECOND,
        note=_text(key, value, "note"),
        checked=_text(key, value, "checked"),
        to=_text(key, value, "to"),
        steps=made,
    )


def _step(key: str, place: int, value: Any) -> Step:
    where = f"steps[{place}]"
    if not isinstance(value, dict):
        _wrong(key, where, "It is not a table.")
    word = _text(key, value, "after") or "known"
    if word not in set(After):
        _wrong(key, f"{where}.after", "It is “known” or “sent”.")
    months = value.get("months", 0)
    if not isinstance(months, int) or isinstance(months, bool) or not 0 <= months <= 60:
        _wrong(key, f"{where}.months", "A whole number of months is to stand there.")
    within = _text(key, value, "within") or "0h"
    found = _WITHIN.fullmatch(within)
    if found is None or (months and "within" in value):
        _wrong(key, f"{where}.within", "Such as “6h”, “14d” or “90m”, or `months` instead.")
    if not months and "within" not in value:
        _wrong(key, where, "It says neither `within` nor `months`.")
    names = value.get("fields", [])
    unknown = [each for each in names if each not in FIELDS] if isinstance(names, list) else [names]
    if unknown:
        _wrong(key, f"{where}.fields", f"There is no field {str(unknown[0])[:40]!r}. There are: {', '.join(FIELDS)}.")
    step_key = _text(key, value, "key", needed=True)
    if not _KEY.fullmatch(step_key):
        _wrong(key, f"{where}.key", "Only small letters, digits and hyphens.")
    return Step(
        key=step_key,
        title=_text(key, value, "title", needed=True),
        cites=_text(key, value, "cites", needed=True),
        after=After(word),
        step=_text(key, value, "step"),
        seconds=int(found[1]) * _UNITS[found[2]],
        months=months,
        fields=tuple(names),
    )


def _text(key: str, value: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    found = value.get(name, "")
    if not isinstance(found, str) or len(found) > 2_000 or (needed and not found.strip()):
        _wrong(key, name, "A text is to stand there.")
    return str(found)


def _wrong(key: str, where: str, why: str) -> NoReturn:
    raise Damaged(
        f"The regime “{key[:60]}” cannot be read.",
        f"{where}: {why}",
        "Mend its file (docs/how-to/keep-legal-clocks.md).",
        code="bad-regime",
        detail={"where": where},
    )
