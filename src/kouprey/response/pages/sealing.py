"""Sealed files on the page of a hand-off: how they are made, what came, to whom it is sealed, and its release."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.response.model import Side
from kouprey.response.model.sealed import Opener, Release, SealedItem
from kouprey.response.pages.naming import Names, plain
from kouprey.response.rules.disclosing import CARRIES
from kouprey.response.rules.folding import verbs_for
from kouprey.response.service import HandOffs, Sealing, Told
from kouprey.response.service.sealing import file_name
from kouprey.response.wire.sealed import LARGEST_FILE, MOST_ITEMS, read_file

ONE = "/handoffs/{handoff}/sealed/{sealed}"


def doors(services: Services) -> list[Door]:
    """What came under seal, and the key of it for one reader."""
    desk = _Desk(services)
    reads = roles_with(Permission.READ)
    return [page(ONE, desk.fetch, roles=reads), page(f"{ONE}/release", desk.release, "POST", roles=reads)]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._sealing = services.get(Sealing)
        self._handoffs = services.get(HandOffs)

    def fetch(self, request: Request) -> StreamingResponse:
        who = HandOffs.speaker(request.reader, request.who.roles)
        held, _, item = self._sealing.item(who, request.path_params["handoff"], request.path_params["sealed"])
        return attachment(file_name(held, item.sha256), item.size, iter([item.body]))

    def release(self, request: Request) -> Response:
        """As an attachment: it opens on the reader's own machine, and nowhere else."""
        who, at = HandOffs.speaker(request.reader, request.who.roles), request.path_params
        released = self._sealing.release(who, at["handoff"], at["sealed"], request.field("key", longest=200))
        held = self._handoffs.get(who, at["handoff"])
        return attachment(file_name(held, at["sealed"], "-released"), len(released), iter([released]))


def handed_in(request: Request) -> tuple[SealedItem, ...]:
    """The sealed files that came with a form; Damaged for one that is none."""
    files = [each for each in request.fields.getlist("item") if isinstance(each, UploadFile) and each.size]
    if len(files) > MOST_ITEMS:
        raise Damaged("These are too many files.", f"{MOST_ITEMS} may be.", code="bad-item")
    return tuple(read_file(each.file.read(LARGEST_FILE + 1)) for each in files)


def part(services: Services, who: Reader, held: Told, names: Names) -> dict[str, Any] | None:
    """What the page of a hand-off says about sealed files; None where there are none and none are asked for."""
    items = [(step.message.author, each) for step in held.course.steps for each in step.message.items]
    if held.asked.kind != "disclose" and not items:
        return None
    sealing = services.get(Sealing)
    ours = held.side is Side.ASKED
    readers = [{"name": plain(each.name), "key": each.key} for each in held.asked.readers]
    may_hand_in = ours and any(verb in verbs_for(held.course, held.side) for verb in CARRIES)
    released = sealing.list_releases(who, held.asked.id)
    return {
        "readers": readers,
        "ours": ours,
        "command": _command(held.asked.readers, sealing.through(held.asked)) if may_hand_in and readers else "",
        "items": [
            _item(item, author == held.asked.asked and not ours, held, released, names) for author, item in items
        ],
    }


def _item(item: SealedItem, release: bool, held: Told, released: Sequence[Release], names: Names) -> dict[str, Any]:
    called = {each.key: plain(each.name) for each in held.asked.readers}
    return {
        "sha256": item.sha256,
        "size": item.size,
        "release": release,
        "lacking": held.course.lacking,
        "grants": [
            {
                "key": grant.to,
                "name": called.get(grant.to, ""),
                "released": [
                    {"by": names.person(each.person), "at": each.at}
                    for each in released
                    if (each.item, each.key) == (item.sha256, grant.to)
                ],
            }
            for grant in item.grants
        ],
    }


def _command(readers: Sequence[Opener], through: str) -> str:
    """What to write on one's own machine; names are quoted, as they come from a partner."""
    named = " ".join(f"--reader {quote(f'{each.name}={each.key}')}" for each in readers)
    return f"kouprey sealed make FILE {named} --through {through} -o FILE.sealed"
