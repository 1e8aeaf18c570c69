"""The mail a digest becomes, in the language of its reader; the ways out of it; and the jobs that send it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import compare_digest

from markupsafe import Markup
from starlette.responses import Response

from kouprey.constituents.model import Constituent, Contact, Digest, Mail
from kouprey.constituents.pages import words
from kouprey.constituents.service import ONE_CLICK, PAUSE, Constituents
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.web.door import Door, machine, page
from kouprey.kernel.web.language import Language, _, current, load_languages, mark, ngettext, use
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import FOREVER, Instant
from kouprey.kernel.words.tlp import TLP

LITTLE = 4096
"""Bytes of the request of a mail program."""
_ASKED = re.compile(
    rb"(?:^|&)List-Unsubscribe=One-Click(?:&|$)|name=\"?List-Unsubscribe\"?(?:\r?\n[^\r\n]+)*\r?\n\r?\nOne-Click\r?\n"
)
"""The request of a mail program in both forms that RFC 8058 allows: of a form, and multipart."""
PACKAGES = ("kouprey.kernel.web", "kouprey.constituents")
_COLOURS = {
    # Of TLP 2.0, which are given for black ground.
    TLP.CLEAR: "#FFFFFF",
    TLP.GREEN: "#33FF00",
    TLP.AMBER: "#FFC000",
    TLP.AMBER_STRICT: "#FFC000",
    TLP.RED: "#FF2B2B",
}
_MEANS = {
    TLP.CLEAR: mark("This may be shared freely."),
    TLP.GREEN: mark("This may be shared within your community, and not published."),
    TLP.AMBER: mark("This may be shared within your organisation and its clients, with those who need to know."),
    TLP.AMBER_STRICT: mark("This may be shared within your organisation only, with those who need to know."),
    TLP.RED: mark("This is for your eyes only."),
}


def jobs(services: Services) -> list[Job]:
    """Digests begin with their period, and letters leave one after the other."""
    constituents, clerk = services.get(Constituents), Clerk(services.get(Keyring), services.get(Constituents).origin)
    return [
        Job("constituents.queue", 60.0, constituents.queue),
        Job("constituents.post", 10.0, lambda: constituents.post(clerk.write)),
    ]


class Clerk:
    """Writes mail. `origin` is what links in it begin with."""

    def __init__(self, ring: Keyring, origin: str) -> None:
        self._ring = ring
        self._origin = origin
        self._languages: dict[str, Language] = {}

    def write(self, digest: Digest) -> Mail:
        """The mail of a digest."""
        return self._in_language(digest.constituent, partial(self._digest, digest))

    def write_test(self, constituent: Constituent, contact: Contact) -> Mail:
        """A mail that says nothing but that mail arrives."""
        return self._in_language(constituent, partial(self._test, constituent, contact))

    def leave_link(self, contact: Contact) -> str:
        """Where the reader of a mail asks for no more."""
        return f"{self._origin}/digest/{contact.id}/{proof_of(self._ring, contact.id)}"

    def leave_at_once(self, contact: Contact) -> str:
        """Where the reader's mail program ends it with one request; "" where RFC 8058 wants https and there is none."""
        return f"{self.leave_link(contact)}/now" if self._origin.startswith("https://") else ""

    def _in_language(self, constituent: Constituent, make: partial[Mail]) -> Mail:
        if not self._languages:
            self._languages = load_languages(PACKAGES)
        language = self._languages.get(constituent.language) or self._languages["en"]

        def spoken() -> Mail:
            use(language)
            return make()

        # A context of its own: the next mail may be in another language.
        return copy_context().run(spoken)

    def _test(self, constituent: Constituent, contact: Contact) -> Mail:
        page_ = _Letter(TLP.CLEAR)
        page_.line(_("Dear %(name)s,") % {"name": contact.name})
        page_.line(_("This mail only shows that mail from this node reaches you. You need not do anything."))
        return page_.mail(f"[{TLP.CLEAR.text}] " + _("A test of %(name)s's digest") % {"name": constituent.name})

    def _digest(self, digest: Digest) -> Mail:
        count = len(digest.told) + sum(n for _level, n in digest.counted)
        made = _Letter(digest.level)
        made.line(_("Dear %(name)s,") % {"name": digest.contact.name})
        if count:
            made.line(
                ngettext(
                    "%(num)s thing was said that concerns your networks.",
                    "%(num)s things were said that concern your networks.",
                    count,
                )
                % {"num": current().number(count)}
            )
        for told in digest.told:
            made.head(f"{told.tlp.text}  {told.title or told.stix_id}")
            made.line(f"{_(words.type_word(told.type))}. {_day(told.received_at)}")
            made.line(_("Yours: %(values)s") % {"values": ", ".join(told.values)})
            made.line(_(words.inside_advice(told.kind)))
            for reason in told.because:
                made.line(_("Why you get it: %(why)s") % {"why": words.why(reason)})
            made.link(_("Read it"), f"{self._origin}/yours/{told.stix_id}")
        if digest.counted:
            made.head(_("What a mail may not carry"))
        for level, n in digest.counted:
            made.line(
                ngettext("%(num)s thing is %(level)s.", "%(num)s things are %(level)s.", n)
                % {"num": current().number(n), "level": level.text}
            )
        if digest.counted:
            made.line(_("Sign in to read them."))
        if digest.threats:
            made.head(_("Threats"))
            made.line(
                ngettext("%(num)s new sign of attacks.", "%(num)s new signs of attacks.", digest.threats)
                % {"num": current().number(digest.threats)}
            )
        if digest.more:
            made.line(_("There is more on the page."))
        made.link(_("Open what concerns you"), f"{self._origin}/yours")
        leave = self.leave_link(digest.contact) if digest.contact.id else ""
        if leave:
            made.foot(_("No mail for a while, or none any more"), leave)
        subject = _("What concerns %(name)s") % {"name": digest.constituent.name}
        at_once = self.leave_at_once(digest.contact) if leave else ""
        return made.mail(f"[{digest.level.text}] {subject}", leave, at_once)


class _Letter:
    """The two forms of one letter, grown together so that they say the same."""

    def __init__(self, level: TLP) -> None:
        self._level = level
        self._text: list[str] = [level.text, _(_MEANS[level]), ""]
        self._html: list[Markup] = []

    def line(self, text: str) -> None:
        """A paragraph."""
        self._text += [text, ""]
        self._html.append(Markup("<p>{}</p>").format(text))

    def head(self, text: str) -> None:
        """What a part is about."""
        self._text += [text, "-" * min(len(text), 60)]
        self._html.append(Markup("<h2>{}</h2>").format(text))

    def link(self, text: str, address: str) -> None:
        """Where to go on."""
        self._text += [f"{text}: {address}", ""]
        self._html.append(Markup('<p><a href="{}">{}</a></p>').format(address, text))

    def foot(self, text: str, address: str) -> None:
        """The way out."""
        self._text += ["-- ", f"{text}: {address}"]
        self._html.append(Markup('<hr><p><small><a href="{}">{}</a></small></p>').format(address, text))

    def mail(self, subject: str, leave: str = "", at_once: str = "") -> Mail:
        """Finished. The marking stands first and in the subject, as TLP 2.0 wants it in mail."""
        head = Markup(
            '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
            "<style>body {{ font: 16px/1.6 sans-serif; max-width: 42rem; }} h2 {{ font-size: 18px; margin: 2em 0 0; }}"
            "</style></head><body>"
            '<table role="presentation" width="100%" cellpadding="8"><tr><td bgcolor="#000000">'
            '<b><font color="{}" face="monospace">{}</font></b></td></tr></table><p>{}</p>'
        ).format(current().code, subject, _COLOURS[self._level], self._level.text, _(_MEANS[self._level]))
        html = head + Markup("").join(self._html) + Markup("</body></html>")
        return Mail(subject=subject, text="\n".join(self._text), html=str(html), leave=leave, at_once=at_once)


def proof_of(ring: Keyring, contact: str) -> str:
    """What shows that a link came in a mail to this contact."""
    mac = hmac_sha256(ring.cookie, b"kouprey-digest/1\n" + contact.encode())
    return urlsafe_b64encode(mac[:18]).decode()


def doors(constituents: Constituents) -> list[Door]:
    """The way out of mail: whoever has the link of a mail may ask for no more, and for it again."""

    def contact_of(request: Request) -> tuple[Contact, Constituent]:
        contact = request.path_params["contact"]
        mac = request.site.sign(b"kouprey-digest/1\n" + contact.encode())
        good = urlsafe_b64encode(mac[:18]).decode()
        found = constituents.find_contact(contact)
        if found is None or not compare_digest(good, request.path_params["proof"]):
            raise Unknown(
                "This link leads nowhere.",
                "It is not as it was sent, or nobody writes to this address any more.",
                "Nothing has to be done.",
                code="unknown-contact",
            )
        return found

    def show(request: Request) -> Response:
        contact, each = contact_of(request)
        return request.render(
            "constituents/leave.html", contact=contact, each=each, now=constituents.now(), path=request.url.path
        )

    def choose(request: Request) -> Response:
        contact, _each = contact_of(request)
        wish = request.field("wish")
        untils: dict[str, Instant] = {"pause": constituents.now() + PAUSE, "end": FOREVER, "again": 0}
        if wish in untils:
            constituents.pause(contact.id, untils[wish])
        return request.redirect(request.url.path, _("It is as you wish."))

    def leave(request: Request) -> Response:
        contact, _each = contact_of(request)
        if _ASKED.search(request.content) is None:
            raise Damaged(
                "This is not the request of a mail program.",
                f"It does not say {ONE_CLICK}.",
                "Open the link in the mail and choose there.",
                code="not-one-click",
            )
        constituents.pause(contact.id, FOREVER)
        return Response(_("No mail goes to you at present."), media_type="text/plain")

    def back(request: Request) -> Response:
        contact_of(request)
        return request.redirect(request.url.path.removesuffix("/now"))

    path = "/digest/{contact}/{proof}"
    return [
        page(path, show, open=True),
        page(path, choose, "POST", open=True),
        # A mail program comes from a server of its own: without a cookie, without an origin (RFC 8058, 3.2).
        machine(f"{path}/now", leave, "POST", open=True, cap=LITTLE),
        page(f"{path}/now", back, open=True),
    ]


def _day(instant: Instant) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    return current().day(moment.date())
