"""Memoranda to begin with: a file of terms and words in TOML or JSON, and the ones that Kouprey brings along."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from kouprey.agreements.model import Group, Terms
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.safejson import decode

FILE_MAX = 1 << 20
ORDER = ("bilateral", "asean", "law-enforcement", "exercise")
"""The memoranda that come along, in the order they are offered."""


class Memorandum(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything of a draft but its parties' keys: terms as in the document, texts by language.

    `title` and `about` are by language too; `days` is how long it runs, 0 for no end. Terms that are not named are as
    in every agreement.
    """

    title: dict[str, str] = {}
    about: dict[str, str] = {}
    days: int = 0
    terms: Terms = Terms()
    text: dict[str, str] = {}
    groups: tuple[Group, ...] = ()
    members: dict[str, tuple[str, ...]] = {}
    contacts: dict[str, tuple[str, ...]] = {}


def parse_memorandum(raw: bytes) -> Memorandum:
    """Read a file of terms, JSON when it begins with a brace, TOML otherwise; Damaged says what is wrong with it."""
    if len(raw) > FILE_MAX:
        raise _bad(f"it is longer than {FILE_MAX} bytes")
    try:
        if raw.lstrip()[:1] == b"{":
            return msgspec.convert(decode(raw), type=Memorandum)
        return msgspec.convert(tomllib.loads(raw.decode("utf-8")), type=Memorandum)
    except (ValueError, RecursionError) as error:
        raise _bad(str(error)) from error


@cache
def get_template(name: str) -> Memorandum:
    """One of the memoranda that come along; Unknown when there is none of that name."""
    if name not in ORDER:
        raise Unknown(
            f"There is no template {name[:40]!r}.", f"These come along: {', '.join(ORDER)}.", code="unknown-template"
        )
    return parse_memorandum(files("kouprey.agreements").joinpath("templates", f"{name}.toml").read_bytes())


def _bad(why: str) -> Damaged:
    return Damaged(
        "These terms cannot be read.",
        f"Reading stopped because {why}.",
        "Write them as docs/how-to/sign-an-agreement.md shows.",
        code="bad-terms",
    )
