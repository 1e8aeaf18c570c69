"""One observable: how rare it is, who names it, what lies around it, and what is named beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from kouprey.exchange.model import Found, Observable, ObservableView
from kouprey.exchange.model.texts import Doubt
from kouprey.exchange.model.weighing import State
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import SPOKEN, Names, bodies, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.reading import defanged, plainly, type_name
from kouprey.exchange.pages.standing import SENTENCES
from kouprey.exchange.pages.weighed import STATE_NAMES, TONES, sighted, spoken
from kouprey.exchange.rules.scripts import in_letters, is_mixed, looks_latin, named, scripts_of
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import COUNTED_IN_BATCH, RELATED, SHOWN
from kouprey.exchange.wire.observables import canonical
from kouprey.exchange.wire.observables.urls import split_url
from kouprey.exchange.wire.texts.doubts import Doubts
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/observables"
KIND_NAMES = {
    "as-number": mark("AS number"),
    "certificate-serial": mark("Certificate number"),
    "cve": "CVE",
    "domain-name": mark("Domain name"),
    "email-addr": mark("E-mail address"),
    "file-name": mark("File name"),
    "ipv4-addr": mark("IPv4 address"),
    "ipv4-net": mark("IPv4 network"),
    "ipv6-addr": mark("IPv6 address"),
    "ipv6-net": mark("IPv6 network"),
    "mac-addr": mark("MAC address"),
    "md5": "MD5",
    "mutex": mark("Mutex"),
    "registry-key": mark("Registry key"),
    "sha1": "SHA-1",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha3-256": "SHA3-256",
    "sha3-512": "SHA3-512",
    "sha512": "SHA-512",
    "ssdeep": "ssdeep",
    "tlsh": "TLSH",
    "url": mark("URL"),
    "user-agent": mark("User agent"),
}
MOST_LINKED = 40
HASHES = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3-256", "sha3-512", "ssdeep", "tlsh"})
WARNINGS = {
    Doubt.DOCUMENTATION: mark("It is set aside for examples and documentation: it belongs to nobody."),
    Doubt.PRIVATE: mark("It is private or reserved: it means something else in every network."),
    Doubt.COMMON: mark("It is very common, and harmless to most: blocking it would do harm."),
    Doubt.EMPTY: mark("It is the hash of an empty file: it fits any."),
    Doubt.UNKNOWN_TOP: mark("There is no such top-level domain."),
    Doubt.ALONE: mark("The name of a file alone says little."),
}
"""What is told of a value by itself, of the doubts about values in texts."""


def observable_url(observable: Observable) -> str:
    """The page of an observable; the value is in the query, since proxies tidy up what looks like a path."""
    return f"{PATH}/{observable.kind}?value={quote(observable.text, safe='')}"


def kind_name(kind: str) -> str:
    """What people call a kind of observable, in the language of the answer."""
    return _(KIND_NAMES[kind]) if kind in KIND_NAMES else kind


def linked(exchange: Exchange, value: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(kind, the value in its harmless form, its page) of what an object names."""
    found = exchange.observables_in(value)[:MOST_LINKED]
    return [(kind_name(each.kind), written(each), observable_url(each)) for each in found]


def others(exchange: Exchange, value: Mapping[str, Any], texts: Sequence[str]) -> list[str]:
    """Those of an object's values, in their harmless form, that are not among its observables."""
    found = exchange.observables_in(value)[:MOST_LINKED]
    return [defanged(plainly(each)) for each in texts if not any(canonical(one.kind, each) == one for one in found)]


def written(observable: Observable) -> str:
    """The value so that nothing makes a link of it."""
    text = plainly(observable.text)
    harmful = observable.kind in ("url", "domain-name", "email-addr") or observable.kind.startswith("ip")
    return defanged(text) if harmful else text


def doors(services: Services) -> list[Door]:
    """The page of an observable."""
    exchange, people = services.get(Exchange), services.get(People)

    def show(request: Request) -> Response:
        return _show(exchange, people, request)

    return [page(f"{PATH}/{{kind}}", show, roles=roles_with(Permission.READ))]


def _show(exchange: Exchange, people: People, request: Request) -> Response:
    who = reader_of(request)
    view = exchange.get_observable(who, request.path_params["kind"], request.query_params.get("value", ""))
    value = view.observable
    names = Names(people)
    speaking = bodies(exchange, who, (each.stix_id for each in view.occurrences if each.type in SPOKEN))
    titles = spoken_titles(exchange, who, speaking)
    worth = exchange.weigh_observable(who, view)
    seen = sighted(worth.comments, names) if worth else None
    state = worth.assessment.state if worth else None
    pivots = _pivots(exchange, who, view)
    related, within = _told(view.related), _told(view.within)
    letters = in_letters(_name_in(value))
    return request.render(
        "exchange/observable.html",
        view=view,
        kind=kind_name(value.kind),
        written=written(value),
        plain_form=plainly(value.text),
        letters=defanged(plainly(letters)) if not letters.isascii() else "",
        scripts=_scripts(letters),
        warnings=_warnings(view, letters),
        occurrences=[(each, plainly(titles.get(each.stix_id, each.title))) for each in view.occurrences],
        nearest=object_url(view.occurrences[0].stix_id) if view.occurrences else "",
        whole_list=_whole_list(view),
        seen=seen.times if seen else sum(each.times_seen for each in view.occurrences),
        sighted=seen,
        wider=_told(view.wider),
        within=within,
        related=related,
        most_shown=SHOWN,
        most_counted=COUNTED_IN_BATCH,
        pivots=pivots,
        worth=worth,
        state=_(STATE_NAMES[state]) if state else "",
        sentence=_sentence(view, state),
        tone=TONES[state] if state else "",
        authors=name_objects(exchange, who, {each.created_by for each in seen.listed} - {""}) if seen else {},
        spoken=spoken,
        names=names,
        plain=plainly,
        type_name=type_name,
        object_url=object_url,
        observable_url=observable_url,
        sections=[
            (name, title, count)
            for name, title, count, there in (
                ("what", _("What it is"), 0, True),
                ("named", _("Where it is named"), len(view.occurrences), True),
                ("sightings", _("Sightings"), seen.times if seen else 0, seen is not None),
                ("rare", _("What else is rare"), len(related), False),
                ("within", _("Within it"), len(within), False),
                ("pivot", _("Look around"), len(pivots), False),
                ("sources", _("Who names it"), len(view.sources), False),
            )
            if there or (count and (name != "sources" or count > 3))
        ],
    )


def _sentence(view: ObservableView, state: State | None) -> str:
    """What to do about a value, marked."""
    if state is not None:
        return SENTENCES[state]
    if view.occurrences:
        return mark("It is only mentioned: nobody says that it stands for harm. Read where before you act.")
    return mark("Nothing is known of it here. That does not make it harmless.")


def _told(found: Sequence[Found]) -> list[tuple[str, Found, str]]:
    return [(kind_name(each.observable.kind), each, written(each.observable)) for each in found]


def _name_in(value: Observable) -> str:
    """The domain name in a value; "" where there is none."""
    if value.kind == "domain-name":
        return value.text
    if value.kind == "email-addr":
        return value.text.rpartition("@")[2]
    return split_url(value.text)[0] if value.kind == "url" else ""


def _warnings(view: ObservableView, letters: str) -> list[str]:
    """What speaks against acting on a value by itself, or for looking twice at how it is written."""
    value = view.observable
    found = []
    if is_mixed(letters):
        found.append(
            _("This name mixes letters of %(scripts)s in one word: it may be meant to pass for another name.")
            % {"scripts": _scripts(letters)}
        )
    elif looks_latin(letters):
        found.append(
            _("This name is written in letters that only look Latin: it may be meant to pass for another name.")
        )
    doubts = Doubts("").of(value, 0, "")
    found += [_(WARNINGS[doubt]) for doubt in doubts if doubt in WARNINGS]
    if view.more or view.versions >= COUNTED_IN_BATCH:
        found.append(_("It is named so often here that it says little by itself."))
    return found


def _scripts(letters: str) -> str:
    """The scripts of those labels of a name that are not in plain ASCII."""
    return named(scripts_of("".join(label for label in letters.split(".") if not label.isascii())))


def _whole_list(view: ObservableView) -> str:
    """The list of all that has the value among its words, where the page shows but some."""
    return f"/intelligence?{urlencode({'q': view.observable.text[:200]})}" if len(view.occurrences) >= SHOWN else ""


def _pivots(exchange: Exchange, who: Reader, view: ObservableView) -> list[tuple[str, str, str, int, bool]]:
    """(what, the value, its page, how many others, or more) of each way on from a value."""
    made = [
        (
            _("others in this network") if each.observable.kind.endswith("-net") else _("others under this name"),
            written(each.observable),
            observable_url(each.observable),
            each.count,
            each.more,
        )
        for each in exchange.list_pivots(who, view.observable)
    ]
    alike = [each for each in view.related if (each.observable.kind in HASHES) == (view.observable.kind in HASHES)]
    alike = [each for each in alike if each.observable.kind == view.observable.kind or view.observable.kind in HASHES]
    if alike:
        what = _("other hashes beside it") if view.observable.kind in HASHES else _("others of its kind beside it")
        made.append((what, kind_name(view.observable.kind), "#rare", len(alike), len(alike) >= RELATED))
    return made
