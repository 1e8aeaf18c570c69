"""Mutants of what is handed on: papers, archives, tables and mail."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest import mock

import msgspec

from kouprey.agreements.pages import printing
from kouprey.constituents.service import Constituents
from kouprey.kernel.words.tlp import TLP
from kouprey.performance import pages, rules
from kouprey.performance.service import Performance
from kouprey.performance.wire import register
from leaks.examine import Lab
from leaks.mutating import Mutant, Patch, held
from leaks.papers import PAPERS, TABLES, few_in_tables, few_on_paper, wrong_in_mail
from leaks.things import BANK, UTILITY

_PRINTED = "/agreements/{agreement}/{version}/agreement.pdf"


def _hidden(lab: Lab) -> str:
    """A title that nobody sees who asks here: of an exercise."""
    title = held(lab.world.world.node.store, "SELECT max(title) FROM body WHERE title LIKE ?", "kanaridrill%")
    assert title
    return str(title)


def _with_title(owner: Any, name: str, change: Callable[[Any, str], Any]) -> Patch:
    """A function of the product whose answer also says a hidden title."""

    def patch(lab: Lab) -> Any:
        plain, title = getattr(owner, name), _hidden(lab)
        return mock.patch.object(owner, name, lambda *given, **named: change(plain(*given, **named), title))

    return patch


def _in_properties(lab: Lab) -> Any:
    """Nothing is drawn: the title stands in the properties of the file alone."""
    plain, title = printing.render, _hidden(lab)
    return mock.patch.object(printing, "render", lambda *given, **named: plain(*given, **named | {"title": title}))


def _packed_too(lab: Lab) -> Any:
    plain, title = pages.pack, _hidden(lab)
    return mock.patch.object(pages, "pack", lambda printed: plain(printed._replace(name=title)))


def _all_told(_: Lab) -> Any:
    stack = ExitStack()
    stack.enter_context(mock.patch.object(rules, "_few", lambda *_: False))
    stack.enter_context(mock.patch.object(rules, "hidden_parts", lambda _: frozenset()))
    return stack


def _all_printed(_: Lab) -> Any:
    plain = Performance.report

    def report(self: Any, agreement: str, who: Any, quarter: Any = None, *, small: bool = False) -> Any:
        return plain(self, agreement, who, quarter)

    return mock.patch.object(Performance, "report", report)


def _shares_counted(_: Lab) -> Any:
    """The measures are hidden and the counts of the parties beside them are not."""
    plain = Performance.report

    def report(self: Any, agreement: str, who: Any, quarter: Any = None, *, small: bool = False) -> Any:
        shares = plain(self, agreement, who, quarter).shares
        return msgspec.structs.replace(plain(self, agreement, who, quarter, small=small), shares=shares)

    return mock.patch.object(Performance, "report", report)


def _as_ours(_: Lab) -> Any:
    plain = Constituents.inside

    def inside(self: Any, who: Any, **asked: Any) -> Any:
        return plain(self, self._exchange.operator(), **asked)

    return mock.patch.object(Constituents, "inside", inside)


def _everything_told(_: Lab) -> Any:
    plain = Constituents.digest

    def digest(self: Any, constituent: Any, *more: Any) -> Any:
        return plain(self, msgspec.structs.replace(constituent, content=TLP.RED), *more)

    return mock.patch.object(Constituents, "digest", digest)


def _mail(name: str, wrong: str, constituent: str, patch: Patch) -> Mutant:
    who = {BANK: "a bank's", UTILITY: "a utility's"}[constituent]
    return Mutant(name, wrong, who, (), patch, look=lambda lab, _: wrong_in_mail(lab, constituent))


PAPER_MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "paper",
        "An agreement on paper names what is held under it.",
        "green",
        (_PRINTED,),
        _with_title(printing, "describe", lambda values, title: {**values, "from": f"{values['from']} ({title})"}),
    ),
    Mutant(
        "properties",
        "The properties of a paper name what is hidden.",
        "green",
        (_PRINTED,),
        _in_properties,
    ),
    Mutant(
        "record",
        "The record of processing names what is kept in a collection.",
        "red",
        ("/processing.pdf",),
        _with_title(register, "row", lambda row, title: {**row, "data": f"{row['data']}: {title}"}),
    ),
    Mutant(
        "rest paper",
        "A paper in an answer of the REST interface names what is hidden.",
        "red",
        ("/api/v1/processing/paper",),
        _with_title(register, "row", lambda row, title: {**row, "kept": f"{row['kept']}: {title}"}),
    ),
    Mutant(
        "archive",
        "The files of an archive are called after what is hidden.",
        "red",
        ("/agreements/{agreement}/measures.zip",),
        _packed_too,
    ),
    Mutant("few", "A table tells of few.", "green", TABLES, _all_told, look=few_in_tables),
    Mutant("few printed", "A report on paper tells of few.", "red", PAPERS, _all_printed, look=few_on_paper),
    Mutant(
        "few of a party",
        "A report on paper tells how little a party gave.",
        "red",
        PAPERS,
        _shares_counted,
        look=few_on_paper,
    ),
    _mail("mail", "A digest is written with the eyes of the node.", UTILITY, _as_ours),
    _mail("mail level", "A mail bears what mail may not carry.", BANK, _everything_told),
)
