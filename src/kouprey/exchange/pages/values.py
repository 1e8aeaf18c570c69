"""One observable: how rare it is, who names it, what lies around it, and what is named beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from kouprey.exchange.model import Found, Observable
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import SPOKEN, Names, bodies, reader_of, spoken_titles
from kouprey.exchange.pages.reading import defanged, plainly, type_name
from kouprey.exchange.pages.weighed import STATE_NAMES, TONES, spoken
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.observables import canonical
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
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
    names = Names(people)
    speaking = bodies(exchange, who, (each.stix_id for each in view.occurrences if each.type in SPOKEN))
    titles = spoken_titles(exchange, who, speaking)
    worth = exchange.weigh_observable(who, view)
    return request.render(
        "exchange/observable.html",
        view=view,
        kind=kind_name(view.observable.kind),
        written=written(view.observable),
        occurrences=[(each, plainly(titles.get(each.stix_id, each.title))) for each in view.occurrences],
        seen=sum(each.times_seen for each in view.occurrences),
        groups=[
            (title, [(kind_name(each.observable.kind), each, written(each.observable)) for each in found], cut)
            for title, found, cut in _groups(view.wider, view.within, view.related, view.more_within)
            if found
        ],
        worth=worth,
        state=_(STATE_NAMES[worth[0].state]) if worth else "",
        tone=TONES[worth[0].state] if worth else "",
        spoken=spoken,
        names=names,
        type_name=type_name,
        object_url=object_url,
        observable_url=observable_url,
    )


def _groups(
    wider: tuple[Found, ...], within: tuple[Found, ...], related: tuple[Found, ...], more_within: bool
) -> list[tuple[str, tuple[Found, ...], bool]]:
    return [
        (_("It lies in"), wider, False),
        (_("Within it"), within, more_within),
        (_("Named beside it, rarest first"), related, False),
    ]
