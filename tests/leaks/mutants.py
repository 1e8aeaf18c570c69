"""Mutants: named ways in which a node could leak, put into the product while it runs; the leak test sees each."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from itertools import count
from typing import Any
from unittest import mock

import msgspec

from kouprey.agreements import rules
from kouprey.audit import rules as audit_rules
from kouprey.exchange.api import searching as rest_searching
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.intake import Batch
from kouprey.exchange.store import saved
from kouprey.federation.service.telling import Telling
from kouprey.kernel.storage import labels
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.node import web
from kouprey.people.service import People
from kouprey.people.service import tokens as people_tokens
from kouprey.response.store import cases as worked_on
from kouprey.response.store import directory as introduced
from kouprey.response.store import duties as owed
from kouprey.response.store import handoffs as asked_of_us
from kouprey.response.store import reports as told_by_others
from kouprey.taxii import api
from kouprey.taxii.service import Taxii
from leaks.examine import Lab
from leaks.mutating import Mutant, Patch, held, instead
from leaks.paper_mutants import PAPER_MUTANTS
from leaks.shield_mutants import SHIELD_MUTANTS

_ALIAS = count(1)
_JOIN = re.compile(re.escape(visible_join("*")).replace(r"\*", r"\S+"))


def _anybody(_: str) -> str:
    """In place of `visible_join`: its two parameters, and no condition."""
    given = "CAST(? AS BIGINT) IS NOT NULL"
    return f"JOIN (SELECT 1 AS one) AS anybody{next(_ALIAS)} ON {given} AND {given}"


def _blind(name: str, _: Lab) -> Any:
    module = import_module(f"kouprey.exchange.store.{name}")
    stack = ExitStack()
    if hasattr(module, "visible_join"):
        stack.enter_context(mock.patch.object(module, "visible_join", _anybody))
    if hasattr(module, "visible_version"):
        stack.enter_context(mock.patch.object(module, "visible_version", _anybody))
    if hasattr(module, "stands_to_be_seen"):
        # It decides nothing and yet steps over what is hidden: what joins no decision does not do that either.
        stack.enter_context(mock.patch.object(module, "stands_to_be_seen", lambda *_: None))
    for attribute, value in vars(module).copy().items():
        if isinstance(value, str) and _JOIN.search(value):
            text = _JOIN.sub(lambda _: _anybody(""), value)
            stack.enter_context(mock.patch.object(module, attribute, text))
    return stack


def _known_here(lab: Lab) -> Any:
    """A value is looked up in two steps: which label sets somebody sees, and what stands under them."""
    stack = _blind("observables", lab)
    every = mock.patch.object(
        labels, "list_visible", lambda reader, *_: {r[0] for r in reader.all("SELECT id FROM label_set")}
    )
    stack.enter_context(every)
    return stack


def _nameless(lab: Lab) -> Any:
    """Both of what keeps names out of the ledger: a line that is hidden is not asked for, and its name joins."""
    stack = _blind("entries", lab)
    plain = Telling._judge
    stack.enter_context(mock.patch.object(Telling, "_judge", lambda *given: (False, plain(*given)[1])))
    return stack


def _missing(name: str, wrong: str, door: str, *, asker: str = "green") -> Mutant:
    return Mutant(f"no join in exchange.store.{name}", wrong, asker, (door,), partial(_blind, name))


def _of_operator(plain: Any) -> Any:
    return lambda self, who, *more, **named: plain(self, self.operator(), *more, **named)


def _bodiless_for_all(plain: Any) -> Any:
    def read(self: Any, who: Any, *more: Any, bodies: bool = True) -> Any:
        return plain(self, who if bodies else self._exchange.operator(), *more, bodies=bodies)

    return read


def _relabelled(change: Callable[[Any, Any], Any]) -> Patch:
    """The decision looks at a label from which something is missing."""

    def make(plain: Any) -> Any:
        return lambda label, reader, *more: plain(change(label, reader), reader, *more)

    return instead(rules, "_barred_for_anyone", make)


def _without(**fields: Any) -> Patch:
    return _relabelled(lambda label, _: msgspec.structs.replace(label, **fields))


def _stores(lab: Lab) -> dict[int, Any]:
    worlds = [lab.world.world, *(each.world for each in lab.twins.values())]
    return {id(each.web.site): each.node.store for each in worlds}


def _total_in_etag(lab: Lab) -> Any:
    stores, plain = _stores(lab), api.answer

    def answer(request: Any, body: bytes, view: Any = None) -> Any:
        response = plain(request, body, view)
        total = held(stores[id(request.site)], "SELECT sum(n) FROM tally")
        response.headers["etag"] = f'W/"{total}-{response.headers["etag"][3:-1]}"'
        return response

    return mock.patch.object(api, "answer", answer)


def _told_that_it_exists(plain: Any) -> Any:
    def get(self: Any, who: Any, stix_id: str) -> Any:
        try:
            return plain(self, who, stix_id)
        except Unknown:
            if held(self._store, "SELECT 1 FROM object WHERE stix_id = ?", stix_id):
                raise Refused("It exists already, and you may not see it.") from None
            raise

    return get


def _logged(plain: Any) -> Any:
    def get(self: Any, who: Any, stix_id: str) -> Any:
        sql = "SELECT max(title) FROM body JOIN version ON version.id = body.version_id JOIN object"
        title = held(self._store, f"{sql} ON object.id = version.object_id WHERE stix_id = ?", stix_id)
        logging.getLogger("kouprey.exchange").debug("asked for %s", title)
        return plain(self, who, stix_id)

    return get


def _filtered_later(plain: Any) -> Any:
    def listed(self: Any, who: Any, **asked: Any) -> Any:
        plain(self, self.operator(), **asked)
        return plain(self, who, **asked)

    return listed


def _kept_for_the_next(plain: Any) -> Any:
    kept: dict[int, Any] = {}

    def counts(self: Any, who: Any) -> Any:
        return kept.setdefault(id(self), plain(self, self.operator()))

    return counts


def _all_saved(_: Any) -> Any:
    def listed(reader: Any, person: str) -> list[Any]:
        rows = reader.all("SELECT id, name, person, shared, search, saved_at FROM saved_search WHERE deleted_at = 0")
        return [saved._saved(row) for row in rows]

    return listed


def _remembered(lab: Lab) -> Any:
    people = lab.world.world.node.services.get(People)
    cookie = lab.base.askers["red"].headers["cookie"].partition("=")[2]
    session, plain = people.find_session(cookie), People.find_session
    return mock.patch.object(People, "find_session", lambda self, given: plain(self, given) or session)


def _unscoped(plain: Any) -> Any:
    def token(self: Any, authorization: str) -> Any:
        found = plain(self, authorization)
        return found and msgspec.structs.replace(found, scope="")

    return token


def _counted_in_health(plain: Any) -> Any:
    return lambda node: {**plain(node), "objects": held(node.store, "SELECT sum(n) FROM tally")}


@contextmanager
def _never_expires(_: Lab) -> Iterator[None]:
    plain = people_tokens.rows.find_token_by_secret
    with mock.patch.object(
        people_tokens.rows, "find_token_by_secret", lambda reader, secret, _: plain(reader, secret, 0)
    ):
        yield


_LIST, _ONE, _VALUE = "/intelligence", "/intelligence/{stix_id}", "/observables/{kind}"
_OBJECTS = "/taxii2/api/collections/{collection}/objects/"
_MANIFEST = "/taxii2/api/collections/{collection}/manifest/"

MUTANTS: tuple[Mutant, ...] = (
    _missing("pages", "The list joins no decision.", _LIST),
    _missing("pages", "A page of a collection joins no decision.", _OBJECTS, asker="operator's"),
    _missing("views", "An object is shown to whoever knows its id.", _ONE),
    _missing("views", "The overview counts before it is decided who sees what.", "/"),
    _missing("facets", "Facets are counted over the tally of all labels.", _LIST),
    _missing("graph", "The picture goes through a hidden neighbour.", _ONE),
    Mutant("known here", "A value is said to be known here for what is hidden.", "green", (_VALUE,), _known_here),
    Mutant("ledger", "The ledger names what is hidden.", "green", ("/ledger",), _nameless),
    _missing("tombstones", "What was erased is told to those who could not see it.", _ONE),
    Mutant(
        "manifest",
        "The manifest is read without a decision.",
        "operator's",
        (_MANIFEST,),
        instead(Taxii, "read", _bodiless_for_all),
    ),
    Mutant("etag", "The ETag is made over everything held.", "program", (_OBJECTS,), _total_in_etag),
    Mutant(
        "exists",
        "A hidden id is refused in other words.",
        "green",
        (_ONE,),
        instead(Exchange, "get_object", _told_that_it_exists),
    ),
    Mutant("log", "A log line names what was asked for.", "green", (_ONE,), instead(Exchange, "get_object", _logged)),
    Mutant(
        "export",
        "An export is made with the operator's eyes.",
        "green",
        ("/intelligence/export",),
        instead(Exchange, "export", _of_operator),
    ),
    Mutant(
        "later",
        "Rows are fetched first and filtered afterwards.",
        "green",
        (_LIST,),
        instead(Exchange, "list_objects", _filtered_later),
    ),
    Mutant(
        "cache",
        "An answer is kept and given to the next reader.",
        "green",
        ("/",),
        instead(Exchange, "counts", _kept_for_the_next),
    ),
    Mutant(
        "saved",
        "Saved searches of others are listed.",
        "green",
        ("/intelligence/searches",),
        instead(saved, "list_saved", _all_saved),
    ),
    Mutant("session", "The session of somebody deactivated is remembered.", "deactivated", (_LIST,), _remembered),
    Mutant(
        "scope",
        "The one collection of a token is not looked at.",
        "bound",
        (_OBJECTS,),
        instead(web.Authenticator, "_token", _unscoped),
    ),
    Mutant("expired", "A token is good for ever.", "expired", (_OBJECTS,), _never_expires),
    Mutant(
        "health",
        "Whoever asks for the health learns how much is held.",
        "nobody",
        ("/healthz",),
        instead(web, "health", _counted_in_health),
    ),
    Mutant(
        "rest list",
        "An endpoint lists objects as the operator sees them.",
        "program",
        ("/api/v1/objects",),
        instead(Exchange, "list_objects", _of_operator),
    ),
    Mutant(
        "rest one",
        "An endpoint shows an object as the operator sees it.",
        "green",
        ("/api/v1/objects/{id}",),
        instead(Exchange, "get_object", _of_operator),
    ),
    Mutant(
        "rest bound",
        "An endpoint forgets that the token is bound to a collection.",
        "bound",
        ("/api/v1/list",),
        instead(rest_searching, "within", lambda _: lambda exchange, who, scope, wanted: wanted),
    ),
    Mutant(
        "audit",
        "The trail shows everything to whoever holds the role.",
        "green",
        ("/audit",),
        instead(audit_rules, "sees_all", lambda _: lambda who: True),
    ),
    Mutant(
        "exercise",
        "The decision ignores exercises.",
        "green",
        (_LIST,),
        _relabelled(lambda label, reader: msgspec.structs.replace(label, exercise=reader.exercise)),
        anew=True,
    ),
    Mutant("embargo", "The decision ignores embargoes.", "operator's", (_OBJECTS,), _without(not_before=0), anew=True),
    Mutant(
        "sealed",
        "The decision ignores to whom a thing is sealed.",
        "green",
        (_LIST,),
        _without(sealed_to=()),
        anew=True,
    ),
    Mutant("clearance", "The decision ignores the clearance.", "green", (_LIST,), _without(tlp=0), anew=True),
    Mutant(
        "ceiling",
        "The decision ignores the terms of the agreement.",
        "operator's",
        (_OBJECTS,),
        instead(rules, "_outside_terms", lambda _: lambda *__: None),
        anew=True,
    ),
    Mutant(
        "onward",
        "What came under one agreement goes on under another.",
        "operator's",
        (_OBJECTS,),
        instead(rules, "_passed_on", lambda _: lambda label, reader, standing, *__: rules.Decision(True, ())),
        anew=True,
    ),
    Mutant(
        "moves",
        "Something hidden said of a thing gives the thing a new position.",
        "green",
        (_LIST, _OBJECTS),
        instead(Batch, "_opens", lambda _: lambda *__: True),
        anew=True,
    ),
    Mutant(
        "hand-offs",
        "Hand-offs are listed and opened whatever their level.",
        "green",
        ("/handoffs", "/handoffs/{handoff}", "/api/v1/handoffs"),
        instead(asked_of_us, "visible_join", lambda _: _anybody),
    ),
    Mutant(
        "cases",
        "Cases are listed and opened whatever their level.",
        "green",
        ("/cases", "/cases/{case}", "/api/v1/cases"),
        instead(worked_on, "visible_join", lambda _: _anybody),
    ),
    Mutant(
        "profiles",
        "Profiles of teams are listed, opened and asked for competence whatever their level.",
        "green",
        ("/directory", "/directory/teams/{party}", "/directory/competence", "/api/v1/directory"),
        instead(introduced, "visible_join", lambda _: _anybody),
    ),
    Mutant(
        "duties",
        "Reports that laws want are listed whatever the level of their case.",
        "green",
        ("/duties", "/duties/quarter", "/api/v1/duties"),
        instead(owed, "visible_join", lambda _: _anybody),
    ),
    Mutant(
        "reports",
        "Reports are listed and opened whatever their level, and that of their case.",
        "green",
        ("/reports", "/reports/{number}", "/api/v1/reports"),
        instead(told_by_others, "_seen", lambda _: lambda __: ("FROM report WHERE report.number > 0", [])),
    ),
    *PAPER_MUTANTS,
    *SHIELD_MUTANTS,
)
