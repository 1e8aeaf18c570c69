"""Pages of cards: ours to hand out, and a partner's to trust after comparing words by voice."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.qr import draw
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Party
from kouprey.people.service import People, fetch_card

CARD_MAX = 65_536
"""Bytes of a card: a signed note is no longer."""
PICTURED = 2_000
"""Letters of a card that a phone still reads from a picture."""


class Cards:
    """Shows our card and takes those of others."""

    def __init__(self, people: People) -> None:
        self._people = people

    def ours(self, request: Request) -> Response:
        home = self._people.home()
        words = self._people.fingerprint(home.id)
        note = home.note.decode()
        # Long as it is, it fits: the picture works without a network, and without trusting who carries it.
        picture = draw(note, error="l", scale=4) if len(note) <= PICTURED else ""
        return request.render("federation/card.html", party=home, words=words, note=note, picture=picture)

    def file(self, request: Request) -> Response:
        home = self._people.home()
        headers = {"Content-Disposition": f'attachment; filename="{home.id}.card"'}
        return Response(home.note, media_type="text/plain; charset=utf-8", headers=headers)

    def ask(self, request: Request) -> Response:
        return self._ask(request)

    def _ask(self, request: Request, text: str = "", error: KoupreyError | None = None) -> Response:
        home = self._people.home_id
        values = {"text": text, "error": error, "words": self._people.fingerprint(home)}
        return request.render("federation/trust.html", error.http_status if error else 200, **values)

    def review(self, request: Request) -> Response:
        """Whose card it is and what to compare; nothing is kept yet."""
        text = _read_card(request)
        try:
            if text.startswith(("https://", "http://")):
                text = _fetch(text.strip())
            card, _words = self._people.read_card(text.encode())
        except KoupreyError as error:
            return self._ask(request, text, error)
        return self._review(request, text, card.party)

    def _review(self, request: Request, text: str, party: str, error: str = "") -> Response:
        card, words = self._people.read_card(text.encode())
        held = self._people.find_party(party)
        return request.render(
            "federation/review.html",
            400 if error else 200,
            card=card,
            words=words,
            text=text,
            held=held,
            known=held is not None and held.card.root == card.root,
            error=error,
        )

    def trust(self, request: Request) -> Response:
        text = _normal(request.field("card", longest=CARD_MAX))
        card, _words = self._people.read_card(text.encode())
        held = self._people.find_party(card.party)
        renewed = held is not None and held.card.root == card.root
        if not renewed and request.field("compared") != "yes":
            wrong = _("Compare the words by voice first, then tick the box.")
            return self._review(request, text, card.party, wrong)
        party: Party = self._people.trust(text.encode(), by=request.reader.name)
        if renewed:
            said = _("The newer card of %(a)s is kept.")
        else:
            said = _("%(a)s is trusted. Draft an agreement to exchange anything.")
        return request.redirect(f"/partners/{party.id}", said % {"a": party.name})


def _fetch(address: str) -> str:
    """The card that the node at an address hands out; what answers there is still to be compared by voice."""
    if not address.isprintable() or " " in address or len(address) > 500:
        raise Damaged(mark("This is no card."), mark("A card is plain text."), code="bad-card")
    fetcher = Fetcher()
    try:
        return _normal(fetch_card(address, fetcher).decode("utf-8", "replace"))
    finally:
        fetcher.close()


def _read_card(request: Request) -> str:
    """The card as it was pasted or uploaded."""
    file = request.fields.get("file")
    if isinstance(file, UploadFile) and file.filename:
        raw = file.file.read(CARD_MAX + 1)
        if len(raw) > CARD_MAX:
            raise Damaged(mark("This is no card."), mark("A card is much shorter."), code="bad-card")
        try:
            return _normal(raw.decode())
        except UnicodeDecodeError as error:
            raise Damaged(mark("This is no card."), mark("A card is plain text."), code="bad-card") from error
    return _normal(request.field("card", longest=CARD_MAX))


def _normal(text: str) -> str:
    """As it was signed: forms carry CR LF and lose the last line's end."""
    return text.replace("\r\n", "\n").strip("\n") + "\n"
