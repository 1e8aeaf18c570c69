"""Mail as it comes in (RFC 5322, RFC 2045 to 2047): read line by line in bounded memory, and never run or unpacked.

Whatever the bytes are, a `Mail` comes of them; what cannot be taken apart says so in `trouble`. Attachments are hashed
while they pass, and kept nowhere but in the mail itself.
"""

from __future__ import annotations

import binascii
import re
from email import message_from_bytes, message_from_string
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256
from html.parser import HTMLParser
from typing import IO, Any

from kouprey.response.model.reports import Enclosed, Mail, Sealed, Trouble
from kouprey.response.rules.intake import is_mailbox

LINE = 64 << 10
"""Bytes that are read at once; a longer line comes in several pieces."""
HEAD = 256 << 10
"""Bytes of the head of a mail, and of all heads of its parts together."""
PARTS, DEPTH = 500, 20
TEXT = 256 << 10
"""Bytes of text that are shown and searched for values; the rest is in the original."""
_SHOWN, _LONG = 60, 1_000
_ID = re.compile(r"<[!-;=?-~]{1,250}>", re.ASCII)
_ALPHABET = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_CLEARSIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"


class _TooMuch(Exception):
    """A bound is reached: what was read so far is all that is told of the mail."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class _Leaf:
    """A part without parts: its coding is undone while it passes, and no more than a text is held."""

    def __init__(self, head: Message, *, shown: bool) -> None:
        self.head, self.shown = head, shown
        self.coding = _word(head.get("Content-Transfer-Encoding"))
        self._hash, self.size, self.held = sha256(), 0, bytearray()
        self._rest, self._end = b"", b""

    def take(self, line: bytes) -> None:
        if self.coding == "base64":
            wanted = self._rest + line.translate(None, _ALPHABET)
            whole = len(wanted) - len(wanted) % 4
            self._rest = wanted[whole:]
            self._put(_unbased(wanted[:whole]))
            return
        # The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1), so the last one is held back.
        bare = line.rstrip(b"\r\n")
        self._put(self._end)
        self._end = line[len(bare) :]
        if self.coding == "quoted-printable":
            soft = bare.rstrip(b" \t").endswith(b"=")
            self._put(binascii.a2b_qp(bare.rstrip(b" \t") + (b"\n" if soft else b"")))
            self._end = b"" if soft else self._end
        else:
            self._put(bare)

    def _put(self, piece: bytes) -> None:
        self._hash.update(piece)
        self.size += len(piece)
        if self.shown and len(self.held) < TEXT:
            self.held += piece[: TEXT - len(self.held)]

    def end(self) -> None:
        if self._rest:
            self._put(_unbased(self._rest + b"=" * (-len(self._rest) % 4)))
            self._rest = b""

    def text(self) -> str:
        return _decoded(bytes(self.held), _word(_param(self.head, "charset")) or "utf-8")

    def enclosed(self) -> Enclosed:
        name = _plain(_name_of(self.head))[:255].strip()
        return Enclosed(
            name=name or "-", media_type=_kind(self.head)[:100], size=self.size, sha256=self._hash.hexdigest()
        )


class _Scan:
    """One way through a mail."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._room, self._parts = HEAD, 0
        self.head: Message = Message()
        self.texts: list[str] = []
        self.pages: list[str] = []
        self.enclosed: list[Enclosed] = []
        self.sealed = Sealed.NO
        self._bounds: list[bytes] = []
        self._leaf: _Leaf | None = None

    def run(self) -> Trouble:
        try:
            self.head = self._read_head()
            self._begin(self.head)
            self._read_body()
        except _TooMuch as stopped:
            return stopped.trouble
        except Exception:
            # The parsers of the standard library raise much on what nobody writes; a mail is kept all the same.
            return Trouble.UNREADABLE
        return Trouble.NONE

    def _read_head(self) -> Message:
        lines: list[bytes] = []
        while line := self._source.readline(LINE):
            if line in (b"\n", b"\r\n"):
                break
            self._room -= len(line)
            if self._room < 0:
                if not self._bounds and not len(self.head):
                    self.head = _head_of(lines)
                raise _TooMuch(Trouble.LONG_HEAD)
            lines.append(line)
        return _head_of(lines)

    def _begin(self, head: Message) -> None:
        """What follows is the body of this head."""
        self._parts += 1
        if self._parts > PARTS:
            raise _TooMuch(Trouble.TOO_MANY_PARTS)
        kind = _kind(head)
        self._seal(head, kind)
        bound = _param(head, "boundary").encode("utf-8", "surrogateescape") if kind.startswith("multipart/") else b""
        if bound:
            if len(self._bounds) >= DEPTH:
                raise _TooMuch(Trouble.TOO_DEEP)
            self._bounds.append(b"--" + bound.rstrip())
            self._leaf = None
            return
        shown = kind in ("text/plain", "text/html") and _word(head.get("Content-Disposition")) != "attachment"
        self._leaf = _Leaf(head, shown=shown and not _name_of(head))

    def _seal(self, head: Message, kind: str) -> None:
        if kind == "multipart/encrypted" or (
            kind in ("application/pkcs7-mime", "application/x-pkcs7-mime")
            and _word(_param(head, "smime-type")) != "signed-data"
        ):
            self.sealed = Sealed.ENCRYPTED
        elif kind in ("multipart/signed", "application/pkcs7-mime", "application/x-pkcs7-mime") and not self.sealed:
            self.sealed = Sealed.SIGNED

    def _read_body(self) -> None:
        begins = True
        while line := self._source.readline(LINE):
            level, closes = self._boundary(line) if begins else (-1, False)
            begins = line.endswith(b"\n")
            if level < 0:
                if self._leaf is not None:
                    self._leaf.take(line)
                continue
            self._finish()
            del self._bounds[level + (not closes) :]
            if not closes:
                self._begin(self._read_head())
                begins = True
        self._finish()

    def _boundary(self, line: bytes) -> tuple[int, bool]:
        """Which boundary a line is, -1 for none, and whether it is the last one of its kind."""
        if not line.startswith(b"--") or not self._bounds:
            return -1, False
        bare = line.rstrip()
        for level in range(len(self._bounds) - 1, -1, -1):
            if bare == self._bounds[level]:
                return level, False
            if bare == self._bounds[level] + b"--":
                return level, True
        return -1, False

    def _finish(self) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        leaf.end()
        if not leaf.shown:
            self.enclosed.append(leaf.enclosed())
            return
        text = leaf.text()
        if _kind(leaf.head) == "text/html":
            self.pages.append(read_page(text))
        else:
            self.texts.append(text)
        if _ARMOUR in text:
            self.sealed = Sealed.ENCRYPTED
        elif _CLEARSIGNED in text and not self.sealed:
            self.sealed = Sealed.SIGNED


def read_mail(source: IO[bytes]) -> Mail:
    """What a mail says of itself, read from its beginning. Never raises on what stands in it; memory stays bounded."""
    scan = _Scan(source)
    trouble = scan.run()
    try:
        return _told(scan, trouble)
    except Exception:
        return Mail(trouble=Trouble.UNREADABLE)


def read_page(html: str) -> str:
    """The words of an HTML page, without what a browser would run or load."""
    words = _Words()
    try:
        words.feed(html)
        words.close()
    except Exception:
        return _plain(html)
    return re.sub(r"[ \t]*\n\s*\n\s*", "\n\n", "".join(words.said)).strip()


def _told(scan: _Scan, trouble: Trouble) -> Mail:
    head = scan.head
    senders = head.get_all("From", [])
    mailboxes = [each for _, each in getaddresses([str(one) for one in senders]) if each]
    sender = mailboxes[0].lower() if len(senders) == 1 and len(mailboxes) == 1 and is_mailbox(mailboxes[0]) else ""
    text = "\n\n".join(scan.texts if any(each.strip() for each in scan.texts) else scan.pages)
    named = " ".join(str(each) for name in ("In-Reply-To", "References") for each in head.get_all(name, []))
    ids = _ID.findall(str(head.get("Message-ID", "")))
    return Mail(
        message_id=ids[0] if ids else "",
        sender=sender,
        sender_text=_shown(head.get("From"))[:300],
        subject=_shown(head.get("Subject"))[:_LONG],
        text=_plain(text)[:TEXT],
        answers=tuple(dict.fromkeys(_ID.findall(named[: 64 << 10])))[:200],
        headers=tuple((_plain(name)[:100], _shown(value)[:_LONG]) for name, value in head.items()[:_SHOWN]),
        enclosed=tuple(scan.enclosed[:PARTS]),
        sealed=scan.sealed,
        robot=_robot(head),
        # A report of abuse is a multipart/report too (RFC 5965), so the type of it is looked at.
        bounce=str(head.get("Return-Path", "")).strip() == "<>"
        or (_kind(head) == "multipart/report" and _word(_param(head, "report-type")) == "delivery-status"),
        trouble=trouble or (Trouble.NONE if len(head) else Trouble.UNREADABLE),
    )


def _robot(head: Message) -> str:
    """The header by which a mail says that no person wrote it (RFC 3834, 5; RFC 2919; RFC 2369)."""
    said = _word(head.get("Auto-Submitted"))
    if said and said != "no":
        return f"Auto-Submitted: {said}"[:100]
    if _word(head.get("Precedence")) in ("bulk", "junk", "list", "auto_reply"):
        return f"Precedence: {_word(head.get('Precedence'))}"
    for name in head:
        if name.lower().startswith("list-") or name.lower() in ("x-autoreply", "x-autorespond"):
            return _plain(name)[:100]
    return ""


def _head_of(lines: list[bytes]) -> Message:
    """Headers, which may be UTF-8 as they are (RFC 6532)."""
    raw = b"".join(lines)
    try:
        return message_from_string(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return message_from_bytes(raw)


def _kind(head: Message) -> str:
    return head.get_content_type()


def _name_of(head: Message) -> str:
    name = head.get_filename() or ""
    return _shown(name)


def _param(head: Message, name: str) -> str:
    value: Any = head.get_param(name, "")
    return str(value[2] if isinstance(value, tuple) else value or "")


def _word(value: Any) -> str:
    """The first word of a header in lower case, without its parameters."""
    return str(value or "").partition(";")[0].strip().lower()


def _shown(value: Any) -> str:
    """A header as text: encoded words are undone (RFC 2047), what cannot be shown is left out."""
    text = str(value or "")
    try:
        text = str(make_header(decode_header(text)))
    except Exception:
        text = text.encode("utf-8", "replace").decode("utf-8", "replace")
    return " ".join(_plain(text).split())


def _plain(text: str) -> str:
    """Letters that a database keeps and a page shows: no halves of letters, no signs that turn the line around."""
    whole = text.encode("utf-8", "replace").decode("utf-8", "replace")
    return "".join(
        letter for letter in whole if letter in "\n\t\u200b\u200c\u200d" or (letter.isprintable() or letter.isspace())
    ).replace("\r", "")


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError, TypeError):
        return body.decode("utf-8", "replace")


def _unbased(piece: bytes) -> bytes:
    try:
        return binascii.a2b_base64(piece)
    except binascii.Error:
        return b""


class _Words(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within += tag in ("script", "style", "head")
        if tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3", "table"):
            self.said.append("\n")
        if tag == "a":
            # Where a link really leads is what an analyst wants of a lure.
            self.said += [f" <{value}> " for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        self._within = max(0, self._within - (tag in ("script", "style", "head")))

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.said.append(data)
