"""What a reporter is told by mail, and what somebody told by the form, written down as a mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import sha256

from kouprey.kernel.web.language import _
from kouprey.response.model.contacts import Letter
from kouprey.response.model.reports import Answer, Told
from kouprey.response.rules.intake import is_mailbox, tag_of
from kouprey.response.wire.letter import spoken
from kouprey.response.wire.words import plain

_LINE = 150


def write_answer(party: str, name: str, number: int, *, khmer: bool, link: str = "") -> Letter:
    """The answer to a reporter: number, what happens next, and how to add something; nothing of what they wrote.

    `party` is the id that stands in the tag, `name` how the party is called, `link` leads back to what was told by
    the form. In Khmer and English where they write Khmer, else in English.
    """
    tag = tag_of(party, number)
    tongues = ("km", "en") if khmer else ("en",)
    subjects = [spoken(tongue, lambda: _("We have your report")) for tongue in tongues]
    texts = [spoken(tongue, lambda: _body(name, tag, number, link)) for tongue in tongues]
    return Letter(f"{tag} {' / '.join(subjects)}", "\n\n---\n\n".join(texts) + "\n")


def _body(name: str, tag: str, number: int, link: str) -> str:
    lines = [
        _("Thank you. %(party)s has your report; its number is %(number)s.") % {"party": plain(name), "number": number},
        _("This answer was written by a program. A person reads your report next, and asks if something is missing."),
        _("To add something, answer this mail and leave %(tag)s in its subject.") % {"tag": tag},
    ]
    if link:
        lines += [_("Or come back to what you told us here, without an account:"), link]
    return "\n\n".join([*lines, _("Please send no passwords, and nothing that you may not pass on.")])


def write_mail(answer: Answer, *, sender: str, name: str) -> EmailMessage:
    """An answer as it goes out. It says that a program wrote it, so that no other program answers (RFC 3834, 3.1)."""
    made = EmailMessage()
    made["From"] = formataddr((plain(name), sender))
    made["To"] = answer.to
    made["Subject"] = answer.subject
    made["Date"] = format_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=answer.made_at))
    made["Message-ID"] = answer.message_id
    if answer.answers:
        made["In-Reply-To"] = answer.answers
        made["References"] = answer.answers
    made["Auto-Submitted"] = "auto-replied"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(answer.text, cte="base64")
    return made


def write_told(told: Told, files: Sequence[tuple[str, bytes]], *, message_id: str) -> bytes:
    """What somebody told by the form, or a program, as a mail: so it is kept, shown and handed on like one.

    It has no date: the same words sent twice are the same bytes.
    """
    made = EmailMessage(policy=SMTP)
    if is_mailbox(told.reach):
        made["From"] = told.reach
    made["Subject"] = title_of(told.what)
    made["Message-ID"] = message_id
    named = (("What happened", told.what), ("Where", told.where), ("When", told.when), ("How to reach", told.reach))
    made.set_content("\n\n".join(f"{title}:\n{plain(text)}" for title, text in named if text) + "\n", cte="base64")
    for name, body in files:
        shown = "".join(each for each in plain(name) if each.isprintable())[:200]
        made.add_attachment(body, maintype="application", subtype="octet-stream", filename=shown or "file")
    if files:
        # All parts are base64, in which no line begins so; a random one would make the same words other bytes.
        made.set_boundary("=_" + sha256(message_id.encode()).hexdigest()[:40])
    return made.as_bytes()


def title_of(text: str) -> str:
    """The first line of what somebody wrote, as a title."""
    line = next((" ".join(each.split()) for each in text.splitlines() if each.strip()), "")
    shown = "".join(each for each in plain(line) if each.isprintable())
    return shown[:_LINE] + ("…" if len(shown) > _LINE else "")
