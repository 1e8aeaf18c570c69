"""What an interface says of itself, in words."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from kouprey.kernel.web.api import Paged
from kouprey.kernel.web.openapi import fields_of


class Wanted(Paged, frozen=True, kw_only=True):
    value: str
    kinds: tuple[str, ...] = ()
    order: Literal["old", "new"] = "new"
    least: Annotated[int, msgspec.Meta(ge=0)] | None = None


def test_fields_are_told_with_their_type_and_what_they_are_when_absent() -> None:
    told = {name: (kind, absent) for name, kind, absent in fields_of(Wanted)}
    assert told["value"] == ("string", "required")
    assert told["kinds"] == ("list of string", "[]")
    assert told["order"] == ("new or old", '"new"')
    assert told["least"] == ("integer or null", "null")
    assert told["limit"] == ("integer", "100")
    assert fields_of(None) == []
