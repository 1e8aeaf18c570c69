"""Settings of a node: `kouprey.toml`, over it the environment (`KOUPREY_*`), over it flags."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from kouprey.kernel.net.fetch import Way
from kouprey.kernel.net.mail import Relay
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.limits import Limits
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.node.addresses import is_issuer, is_network, is_origin
from kouprey.node.hook import HOOKS, hook_problems
from kouprey.node.mailbox import REPORTS, box_problems
from kouprey.node.reach import HOSTS, Reaching, reach_problems
from kouprey.node.rtir import TICKETS, ticket_problems
from kouprey.people.model import PERMISSIONS, Permission, Provider, Role
from kouprey.watch.model import Kept

FILE = "kouprey.toml"

MEANINGS = {
    "database": 'A PostgreSQL DSN; "" = SQLite in the data directory.',
    "guard_database": "Likewise for the guard, which must never be part of a backup.",
    "listen": "Where the node listens: HOST:PORT.",
    "url": 'The public origin, `https://HOST[:PORT]`; "" = derived from `listen`. Cookies and forms are held to it.',
    "link_interval": "Seconds between two exchanges with a partner who has said nothing new.",
    "link_proxy": 'The HTTP proxy through which partners are called, `http://HOST:PORT`; "" = straight.',
    "link_certificate": "A client certificate in PEM form for partners whose door asks for one, beside signatures.",
    "link_key": "The file of its key, when it is another.",
    "peer_requests": "Requests a minute that one partner may make at the Link API; 0 = any number.",
    "peer_mib": "MiB a minute that may come and go for one partner there; 0 = any amount.",
    "spool": "The folder parcels are dropped into and taken from, in the data directory unless it begins with `/`.",
    "spool_keep_days": "How long parcels that were taken in from there are kept beside, in `done`.",
    "spool_after_hours": "Lay a parcel ready there for a partner who was not reached for so long; 0 = only when asked.",
    "body_max": "Bytes of one request that machines may send.",
    "page_max": "Objects in one answer to machines.",
    "tls_certificate": "A file in PEM form with the certificate and those above it; read anew when it changes.",
    "tls_key": "The file of its key, when it is another.",
    "trusted_proxies": "Addresses or networks, with commas between, whose X-Forwarded-For and -Proto are believed.",
    "log_level": "`info` tells each request, `warning` what needs a look, `error` what failed.",
    "log_form": '`json` is one object a line, `text` for people; "" = text on a terminal, else JSON.',
    "stop_seconds": "How long requests under way may go on after a stop.",
    "oidc_issuer": 'The address of an OpenID provider people may sign in by, letter by letter as it says; "" = none.',
    "oidc_client_id": "What this node is called there; the address to register is `<url>/sign-in/openid/return`.",
    "oidc_secret_file": 'A file with the client secret, readable by the node alone; "" = a public client.',
    "oidc_name": 'What stands on the button; "" = the name of its machine.',
    "oidc_allow_private": "The provider may be in a private network, or without TLS.",
    "oidc_group_claim": "The claim that lists the groups of a person.",
    "oidc_create_group": 'Members of this group who are not known here are made persons; "" = nobody is.',
    "oidc_roles": "Roles of persons who are made so: `GROUP=ROLE, ...`; without any, policy, which only reads.",
    "oidc_clearance": "Highest TLP level of persons who are made so.",
    "oidc_second_factor": "The provider asks for a second factor itself: roles that need one may come in by it.",
    "second_factor": "Roles, with commas between, that need an authenticator app or a passkey.",
    "smtp_host": 'The machine that takes mail from this node; "" = no mail is sent.',
    "smtp_port": "Its port: usually 587, 465 with `tls`, 25 with `none`.",
    "smtp_security": "`starttls`, `tls` from the first byte, or `none`.",
    "smtp_user": 'What this node is called there; "" = it asks for no login.',
    "smtp_secret_file": "A file with the password, readable by the node alone.",
    "smtp_from": "The mailbox mail comes from.",
    "smtp_ca_file": 'Certificates of the authority that vouches for the relay, in PEM form; "" = those of the system.',
    **TICKETS,
    **HOOKS,
    **REPORTS,
    **HOSTS,
    "watch_keep_days": "How long what sensors saw is kept, so that new indicators can be looked for in it.",
    "watch_keep_mib": "And how much of it, in MiB of all its files; the oldest goes first.",
    "story": "Show the demonstration; only a node that listens on loopback does.",
}
"""Setting -> what it means, for the reference."""


class Settings(Reaching, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may set, as `MEANINGS` says; every field is also `KOUPREY_<NAME>` in the environment."""

    database: str = ""
    guard_database: str = ""
    listen: str = "127.0.0.1:8420"
    url: str = ""
    link_interval: float = 15.0
    link_proxy: str = ""
    link_certificate: str = ""
    link_key: str = ""
    peer_requests: int = 6_000
    peer_mib: int = 2_048
    spool: str = "spool"
    spool_keep_days: int = 30
    spool_after_hours: float = 0.0
    body_max: int = 100 << 20
    page_max: int = 1000
    tls_certificate: str = ""
    tls_key: str = ""
    trusted_proxies: str = ""
    log_level: Literal["info", "warning", "error"] = "warning"
    log_form: Literal["", "json", "text"] = ""
    stop_seconds: int = 10
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret_file: str = ""
    oidc_name: str = ""
    oidc_allow_private: bool = False
    oidc_group_claim: str = "groups"
    oidc_create_group: str = ""
    oidc_roles: str = ""
    oidc_clearance: str = "clear"
    oidc_second_factor: bool = False
    second_factor: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_secret_file: str = ""
    smtp_from: str = ""
    smtp_ca_file: str = ""
    four_eyes: str = ""
    rtir_url: str = ""
    rtir_token_file: str = ""
    rtir_queue: str = "Incidents"
    rtir_ceiling: str = "amber+strict"
    rtir_title: str = ""
    rtir_subjects: bool = False
    notice_hook: str = ""
    notice_hook_secret_file: str = ""
    reports_folder: str = "reports"
    reports_form: bool = True
    imap_host: str = ""
    imap_port: int = 993
    imap_user: str = ""
    imap_secret_file: str = ""
    imap_folder: str = "INBOX"
    imap_ca_file: str = ""
    watch_keep_days: int = 30
    watch_keep_mib: int = 2_048
    story: bool = False

    @property
    def origin(self) -> str:
        """The public origin without a trailing slash."""
        scheme = "https" if self.tls_certificate else "http"
        return (self.url or f"{scheme}://{self.listen}").rstrip("/")

    @property
    def limits(self) -> Limits:
        """What the doors obey."""
        return Limits(body=self.body_max, page=self.page_max)

    @property
    def kept(self) -> Kept:
        """How long, and how much of, what sensors saw is kept."""
        return Kept(self.watch_keep_days, self.watch_keep_mib << 20)

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def way(self) -> Way:
        """How calls to partners leave this node."""
        return Way(self.link_proxy, self.link_certificate, self.link_key)

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks of `trusted_proxies`."""
        return [each.strip() for each in self.trusted_proxies.split(",") if each.strip()]

    @property
    def second_factor_roles(self) -> frozenset[Role]:
        """The roles of `second_factor`."""
        return frozenset(Role(word) for word in _words(self.second_factor))

    @property
    def provider(self) -> Provider | None:
        """The OpenID provider, its secret read from its file; None for a node without one."""
        if not self.oidc_issuer:
            return None
        return Provider(
            issuer=self.oidc_issuer,
            client=self.oidc_client_id,
            secret=_read_secret(self.oidc_secret_file) if self.oidc_secret_file else "",
            name=self.oidc_name or urlsplit(self.oidc_issuer).hostname or self.oidc_issuer,
            groups=self.oidc_group_claim,
            roles=tuple((group.strip(), Role(role.strip())) for group, role in _pairs(self.oidc_roles)),
            create=self.oidc_create_group,
            clearance=parse_tlp(self.oidc_clearance),
            second_factor=self.oidc_second_factor,
        )

    @property
    def relay(self) -> Relay | None:
        """The mail relay, its secret read from its file; None for a node that sends no mail."""
        if not self.smtp_host:
            return None
        return Relay(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            user=self.smtp_user,
            secret=_read_secret(self.smtp_secret_file) if self.smtp_secret_file else "",
            sender=self.smtp_from,
            ca_file=self.smtp_ca_file,
        )

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host headers this node answers to: its public origin and the address it listens on."""
        own = urlsplit(self.origin).netloc
        return frozenset({own, self.listen, f"127.0.0.1:{self.port}", f"localhost:{self.port}"})


def read_settings(data: Path, flags: Mapping[str, object] | None = None) -> Settings:
    """The settings of the node in `data`; Damaged names the setting that is wrong and where it came from."""
    file = data / FILE
    if not file.exists():
        raise Unknown(
            "There is no node here.",
            f"{file} does not exist.",
            "Run `kouprey init DIR --party ID --name NAME`, or name the right directory with --data.",
            code="no-node",
        )
    given = gather(_from_file(file), flags)
    return settle(
        {name: value for name, (value, _) in given.items()},
        {name: f"the {place}" if place != "file" else str(file) for name, (_, place) in given.items()},
    )


def gather(values: Mapping[str, object], flags: Mapping[str, object] | None = None) -> dict[str, tuple[object, str]]:
    """What is set, and by what: "file" for `values`, over them "environment (NAME)", over them "flag --NAME"."""
    given: dict[str, tuple[object, str]] = {name: (value, "file") for name, value in values.items()}
    for field in msgspec.structs.fields(Settings):
        variable = f"KOUPREY_{field.name.upper()}"
        text = os.environ.get(variable)
        if text is not None:
            given[field.name] = text, f"environment ({variable})"
    for name, value in (flags or {}).items():
        if value is not None:
            given[name] = value, f"flag --{name.replace('_', '-')}"
    return given


def settle(values: Mapping[str, object], places: Mapping[str, str]) -> Settings:
    """Settings of these values; Damaged names the one that is wrong, and its place."""
    try:
        settings = msgspec.convert(values, type=Settings, strict=False)
    except msgspec.ValidationError as error:
        named = _NAMED.search(str(error))
        raise _wrong((named[1] or named[2]) if named else "", f"{error}.", places) from error
    for name, problem in _problems(settings):
        raise _wrong(name, problem, places)
    return settings


def write_settings(data: Path, values: Mapping[str, object]) -> None:
    """Write the first settings file of a node."""
    lines = ["# Settings of this Kouprey node; docs/reference lists all of them. Environment and flags go before."]
    for name, value in values.items():
        if value not in ("", None):
            # A TOML string is a JSON string, but for one character.
            lines.append(f"{name} = {msgspec.json.encode(value).decode()}".replace("\x7f", "\\u007f"))
    # Readable by its owner alone: a DSN may hold a password.
    handle = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


_NAMED = re.compile(r"\$\.(\w+)|`(\w+)`$")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)


def _problems(settings: Settings) -> Iterator[tuple[str, str]]:
    """(setting, what is wrong with it) for what its type alone allows."""
    host, _, port = settings.listen.rpartition(":")
    if not host or not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        yield "listen", f"{settings.listen!r} is not of the form HOST:PORT."
    if settings.url and not is_origin(settings.url):
        yield "url", f"{settings.url!r} is not of the form https://HOST[:PORT]."
    if not (math.isfinite(settings.link_interval) and settings.link_interval > 0):
        yield "link_interval", f"{settings.link_interval} is not a number of seconds."
    for name in ("peer_requests", "peer_mib"):
        if getattr(settings, name) < 0:
            yield name, f"{getattr(settings, name)} is not a number from 0 on."
    if not settings.spool.strip():
        yield "spool", "It names no folder."
    if not (math.isfinite(settings.spool_after_hours) and settings.spool_after_hours >= 0):
        yield "spool_after_hours", f"{settings.spool_after_hours} is not a number of hours."
    for name in ("body_max", "page_max", "spool_keep_days", "watch_keep_days", "watch_keep_mib"):
        if getattr(settings, name) < 1:
            yield name, f"{getattr(settings, name)} is not at least 1."
    if settings.link_proxy and not (is_origin(settings.link_proxy) and settings.link_proxy.startswith("http://")):
        yield "link_proxy", f"{settings.link_proxy!r} is not of the form http://HOST:PORT."
    if settings.link_key and not settings.link_certificate:
        yield "link_key", "A key without a link_certificate shows nothing."
    if settings.tls_key and not settings.tls_certificate:
        yield "tls_key", "A key without a tls_certificate protects nothing."
    if not 0 < settings.stop_seconds <= 3600:
        yield "stop_seconds", f"{settings.stop_seconds} is not between 1 and 3600."
    for problems in (_sign_in_problems, _mail_problems, box_problems, hook_problems, ticket_problems, reach_problems):
        yield from problems(settings)
    for network in settings.proxies:
        if not is_network(network):
            yield "trusted_proxies", f"{network!r} is not an address or a network such as 10.0.0.0/24."


def _sign_in_problems(settings: Settings) -> Iterator[tuple[str, str]]:
    for word in _words(settings.second_factor):
        if word not in list(Role):
            yield "second_factor", f"{word!r} is not a role."
    issuer = settings.oidc_issuer
    if not issuer:
        return
    schemes = ("https", "http") if settings.oidc_allow_private else ("https",)
    if not is_issuer(issuer, schemes):
        yield "oidc_issuer", f"{issuer!r} is not an https address (http only with oidc_allow_private)."
    if not settings.oidc_client_id:
        yield "oidc_client_id", "A provider without a client id knows nobody."
    for group, role in _pairs(settings.oidc_roles):
        if not group.strip() or role.strip() not in list(Role):
            yield "oidc_roles", f"{group.strip()!r}={role.strip()!r} is not GROUP=ROLE."
        elif Permission.PEOPLE in PERMISSIONS[Role(role.strip())]:
            # Who runs the provider would otherwise run this node.
            yield "oidc_roles", f"{role.strip()} lets people in: give it by hand."
    try:
        parse_tlp(settings.oidc_clearance)
    except ValueError:
        yield "oidc_clearance", f"{settings.oidc_clearance!r} is not a TLP level."
    if settings.oidc_secret_file:
        try:
            _read_secret(settings.oidc_secret_file)
        except (OSError, UnicodeDecodeError) as error:
            yield "oidc_secret_file", f"{settings.oidc_secret_file!r} cannot be read: {error}."


def _mail_problems(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.smtp_host:
        return
    if not 0 < settings.smtp_port < 65536:
        yield "smtp_port", f"{settings.smtp_port} is not a port."
    if not _MAILBOX.fullmatch(settings.smtp_from):
        yield "smtp_from", f"{settings.smtp_from!r} is not a mailbox such as kouprey@cert.example."
    if settings.smtp_user and settings.smtp_security == "none":
        yield "smtp_security", "A login without TLS would show the password to everybody on the way."
    for name in ("smtp_secret_file", "smtp_ca_file"):
        file = getattr(settings, name)
        try:
            if file:
                _read_secret(file)
        except (OSError, UnicodeDecodeError) as error:
            yield name, f"{file!r} cannot be read: {error}."


def _read_secret(file: str) -> str:
    return Path(file).read_text("utf-8").strip()


def _words(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(pair.rpartition("=")[0], pair.rpartition("=")[2]) for pair in _words(text)]


def _wrong(name: str, problem: str, places: Mapping[str, str]) -> Damaged:
    return Damaged(
        f"The setting {name} is wrong." if name else "A setting is wrong.",
        problem,
        f"Correct it in {places[name]}." if name in places else "Correct the settings.",
        code="bad-setting",
        detail={"setting": name},
    )


def _from_file(file: Path) -> dict[str, object]:
    try:
        return dict(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Damaged("The settings file cannot be read.", f"{file}: {error}", code="bad-setting") from error
