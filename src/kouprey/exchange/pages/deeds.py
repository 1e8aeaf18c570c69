"""Deeds on many objects in words: what may be done, what was done, and why something was not."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.exchange.model.acting import ActKind, Deed
from kouprey.exchange.pages.naming import may
from kouprey.exchange.service.acting import PERMISSIONS
from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, labelled, mark, ngettext
from kouprey.kernel.web.request import Request

KINDS: Mapping[ActKind, str] = {
    "publish": mark("Publish to an agreement"),
    "collect": mark("Put into a collection"),
    "release": mark("Take out of a collection"),
    "seen": mark("Say that we have seen it"),
    "opinion": mark("Say whether we agree"),
    "note": mark("Write a note"),
    "false-positive": mark("Call it a false positive"),
    "revoke": mark("Revoke what is ours"),
    "hold": mark("Hold: keep it from being erased"),
}
"""What can be chosen below the list."""


def kinds_for(request: Request) -> list[tuple[ActKind, str]]:
    """What this person may do with many."""
    return [(kind, _(name)) for kind, name in KINDS.items() if may(request, PERMISSIONS[kind])]


def deed_title(deed: Deed, titles: Mapping[str, str]) -> str:
    """What a deed is called; `titles` of agreements and collections by their ids."""
    kind = deed.act.kind
    if deed.undoes:
        return _("Taking it back")
    about = titles.get(deed.act.agreement or deed.act.collection, "")
    name = _(KINDS.get(kind, kind))
    return labelled(name, about) if about else name


def done_text(deed: Deed) -> str:
    """What was done, with how many."""
    n = deed.counts.get("done", 0)
    kind = "back" if deed.undoes else deed.act.kind
    said = {
        "publish": ngettext("%(n)s object is published.", "%(n)s objects are published.", n),
        "collect": ngettext("%(n)s object is in the collection now.", "%(n)s objects are in the collection now.", n),
        "release": ngettext(
            "%(n)s object is out of the collection now.", "%(n)s objects are out of the collection now.", n
        ),
        "seen": ngettext("%(n)s sighting is kept.", "%(n)s sightings are kept.", n),
        "opinion": ngettext("%(n)s opinion is kept.", "%(n)s opinions are kept.", n),
        "note": ngettext("%(n)s note is kept.", "%(n)s notes are kept.", n),
        "false-positive": ngettext(
            "%(n)s object is called a false positive.", "%(n)s objects are called false positives.", n
        ),
        "revoke": ngettext("%(n)s object is revoked.", "%(n)s objects are revoked.", n),
        "hold": ngettext("%(n)s object is held.", "%(n)s objects are held.", n),
        "back": ngettext("Taken back for %(n)s object.", "Taken back for %(n)s objects.", n),
    }
    return said[kind] % {"n": number(n)}
