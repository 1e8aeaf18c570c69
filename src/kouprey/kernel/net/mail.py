"""Mail on its way out: one message to one mailbox, through the relay an operator has named."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Literal

import msgspec

from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable

Security = Literal["starttls", "tls", "none"]

_REMEDY = {
    "dns": "Check the name in smtp_host and this machine's DNS.",
    "refused": "Check that the relay runs, that smtp_port is right, and that no firewall stands between.",
    "timeout": "Try again later; if it lasts, check the line to the relay.",
    "tls": "Check the relay's certificate, smtp_security, and smtp_ca_file if the relay has an authority of its own.",
    "broken": "Check that smtp_host and smtp_port belong to a mail relay.",
    "later": "The relay asks for patience: it is tried again by itself.",
    "unsure": "Ask the recipient, or look into the relay's log, before sending it again.",
}


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """A mail relay: `security` is that of the connection, `sender` the mailbox mail comes from.

    `ca_file`: certificates of its authority, "" for those of the system. `timeout` in seconds, for each answer.
    """

    host: str
    port: int = 587
    security: Security = "starttls"
    user: str = ""
    secret: str = ""
    sender: str = ""
    ca_file: str = ""
    timeout: float = 20.0

    def __repr__(self) -> str:
        # Never the secret: what is shown ends in logs.
        return f"Relay({self.host!r}, {self.port})"


def send(relay: Relay, recipient: str, message: EmailMessage, before_data: Callable[[], None] = lambda: None) -> None:
    """Give a message to the relay; back from here it has taken responsibility for it (RFC 5321, 6.1).

    `before_data` is called when all is agreed and the message is about to be handed over: whatever fails before it has
    sent nothing. Raises Unreachable with the codes dns, refused, timeout, tls, broken, later, and `unsure` when the
    connection broke after that; Refused (`mail-login`, `mail-refused`) for what trying again does not mend.
    """
    # Wide enough for the links in its headers: a folded address is read by nobody.
    raw = message.as_bytes(policy=WIRE.clone(max_line_length=400))
    handing = False
    try:
        with _connected(relay) as server:
            code, said = server.mail(relay.sender)
            _check(code, said, relay)
            code, said = server.rcpt(recipient)
            _check(code, said, relay)
            before_data()
            handing = True
            code, said = server.data(raw)
            handing = False
            _check(code, said, relay)
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPDataError as error:
        # The relay answered to DATA itself: it has taken nothing.
        _check(error.smtp_code, _bytes(error.smtp_error), relay)
    except (smtplib.SMTPException, OSError) as error:
        if handing:
            raise _fault("unsure", relay, f"The connection broke while the mail was handed over: {error}.") from error
        raise _told(error, relay) from error


def _connected(relay: Relay) -> smtplib.SMTP:
    name = socket.getfqdn() if relay.security == "none" else None
    context = None if relay.security == "none" else ssl.create_default_context(cafile=relay.ca_file or None)
    if relay.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.timeout, context=context)
    else:
        server = smtplib.SMTP(relay.host, relay.port, local_hostname=name, timeout=relay.timeout)
    try:
        if relay.security == "starttls":
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if relay.user:
            server.login(relay.user, relay.secret)
    except BaseException:
        server.close()
        raise
    return server


def _check(code: int, said: bytes, relay: Relay) -> None:
    if code < 400:
        return
    why = f"{relay.host} answered {code}: {said.decode('utf-8', 'replace')[:200]}"
    if code < 500:
        raise _fault("later", relay, why)
    raise Refused(
        "The relay did not take the mail.",
        why,
        "Check the address of the contact, and that the relay lets this node send as smtp_from.",
        code="mail-refused",
    )


def _told(error: Exception, relay: Relay) -> KoupreyError:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Refused(
            "The relay does not know this node.",
            f"{relay.host} answered {error.smtp_code} to the login of {relay.user!r}.",
            "Check smtp_user and what stands in smtp_secret_file.",
            code="mail-login",
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused(
            "The relay does not offer what the settings ask for.",
            f"{error}.",
            "Check smtp_security and smtp_user.",
            code="mail-refused",
        )
    if isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500:
        return _fault("later", relay, f"{relay.host} answered {error.smtp_code}.")
    codes: tuple[tuple[type[Exception], str], ...] = (
        (socket.gaierror, "dns"),
        (ConnectionRefusedError, "refused"),
        (TimeoutError, "timeout"),
        (ssl.SSLError, "tls"),
    )
    code = next((word for kind, word in codes if isinstance(error, kind)), "broken")
    return _fault(code, relay, f"{type(error).__name__}: {error}")


def _fault(code: str, relay: Relay, why: str) -> Unreachable:
    return Unreachable(f"The mail relay {relay.host}:{relay.port} fails.", why, _REMEDY[code], code=code)


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
