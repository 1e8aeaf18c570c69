"""What was done with an agreement here, as its page tells it."""

from __future__ import annotations

from collections import Counter

from kouprey.agreements.model import Deed, Version
from kouprey.kernel.web.language import _, current, mark, ngettext

DEEDS = {
    "agreement.draft": (mark("Drafted"), "info"),
    "agreement.sign": (mark("Signed by us"), "good"),
    "agreement.receive": (mark("Signatures received"), "good"),
    "agreement.discard": (mark("Draft discarded"), ""),
    "agreement.suspended": (mark("Suspended"), "bad"),
    "agreement.resumed": (mark("Resumed"), "good"),
    "agreement.left": (mark("Agreement left"), "bad"),
    "agreement.tightened": (mark("Tightened"), "warn"),
    "agreement.commented": (mark("Comment"), "info"),
    "agreement.declined": (mark("Declined"), "bad"),
    "agreement.prepare": (mark("Prepared for signing"), "info"),
    "agreement.confirm": (mark("Confirmed by a second person"), "good"),
    "exchange.publish": (mark("Objects published"), "info"),
    "exchange.sight": (mark("Sighting said"), "info"),
    "exchange.note": (mark("Note written"), "info"),
    "exchange.opine": (mark("Opinion written"), "info"),
    "exchange.ask-release": (mark("Release asked for"), "info"),
    "exchange.send-in-emergency": (mark("Sent in an emergency"), "warn"),
    "file.give": (mark("File given"), "info"),
    "file.read": (mark("File read"), ""),
    "file.erase": (mark("File erased"), "warn"),
    "performance.print": (mark("Signed report made"), "info"),
    "performance.impact": (mark("Impact assessment made"), "info"),
}


def signed_at(history: list[Deed], version: Version) -> dict[str, int]:
    """Party -> when its signature was first here; a remote clock decides nothing, so theirs is not asked."""
    found: dict[str, int] = {}
    for deed in history:
        signers = deed.detail.get("signed_by")
        if deed.detail.get("version") == version.number and isinstance(signers, list):
            # Newest first: the last one written here is the earliest.
            found.update({str(party): deed.at for party in signers})
    return found


def tell(history: list[Deed], names: dict[str, str]) -> list[dict[str, object]]:
    """What was done with the agreement itself, each deed; of what was done under it, each kind once, with how often.

    What there is no word for stands in the audit alone.
    """
    times = Counter(deed.action for deed in history)
    told: set[str] = set()
    events = []
    for deed in history:
        if deed.action not in DEEDS or deed.action in told:
            continue
        event = _event(deed, names)
        if not deed.action.startswith("agreement."):
            told.add(deed.action)
            if (often := times[deed.action]) > 1:
                said = ngettext("%(num)s time, the last one told here", "%(num)s times, the last one told here", often)
                event["text"] = f"{event['text']} · {said % {'num': current().number(often)}}"
        events.append(event)
    return events


def _event(deed: Deed, names: dict[str, str]) -> dict[str, object]:
    title, tone = DEEDS[deed.action]
    version = deed.detail.get("version")
    # A suspension names its party; everything else is told by who did it here.
    who = str(deed.detail.get("by") or deed.by)
    said = [names.get(who, who)]
    if version:
        said.append(_("version %(a)s") % {"a": version})
    count = deed.detail.get("count")
    if deed.action == "exchange.publish" and isinstance(count, int):
        said.append(ngettext("%(num)s object", "%(num)s objects", count) % {"num": current().number(count)})
    return {"at": deed.at, "title": _(title), "text": " · ".join(said), "tone": tone, "icon": "agreement"}
