"""What the commands of a step come to as requests, and what is sent once their variables are filled in.

CACAO 2.0, 5 (`http-api`, `openc2-http`: a first line as RFC 9112 has it, headers, content) and 10.18 (variables,
`__name__:value`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec

from kouprey.response.model.calls import Call, Sent
from kouprey.response.model.playbooks import OPENC2, Address, Command, Step, Variable

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
LONGEST_VALUE = 2_000
OPENC2_TYPE = "application/openc2+json;version=1.0"
"""The media type of an OpenC2 command where its author names none."""
_LINE = re.compile(r"([A-Z]{1,20}) +(\S+)(?: +HTTP/[0-9.]{1,5})?")
_NAME = r"__[A-Za-z0-9_-]{1,240}__"
_REF = re.compile(rf"({_NAME}):value")
_SECRET = re.compile(r"__secret_([A-Za-z0-9_-]{1,80})__")
_PLACED = re.compile("«secret ([A-Za-z0-9_.-]{1,80})»")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_OURS = frozenset({"host", "content-length"})
"""Headers that whoever sends writes."""
_FRAMING = frozenset({"transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive"})
_SECRET_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}")


def calls_of(step: Step, variables: Sequence[Variable]) -> tuple[Call, ...]:
    """The requests of a step, one for each command and each machine it goes to; what cannot be sent says why."""
    known = {each.name: each.value for each in variables if each.value and not each.external}
    return tuple(
        _call(command, address, step, known) for command in step.commands for address in step.addresses or (Address(),)
    )


def _call(command: Command, address: Address, step: Step, known: Mapping[str, str]) -> Call:
    line = _LINE.fullmatch(_put(command.text.strip(), known))
    method, target = (line[1], line[2]) if line else ("", "")
    url = target if "://" in target else f"{_put(address.base, known).rstrip('/')}{target}"
    headers = tuple((name, _put(value, known)) for name, value in command.headers if name.strip().lower() not in _OURS)
    content = _put(command.content, known)
    if command.kind == OPENC2 and not any(name.strip().lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", OPENC2_TYPE), *headers)
    return Call(
        method=method,
        url=url if line else "",
        headers=headers,
        content=content,
        user=address.user,
        secret=address.secret,
        timeout_ms=step.timeout_ms,
        third=step.third,
        outs=step.outs,
        barred=_barred(method, target, address, headers, url + content)
        or (_no_openc2(method, content) if command.kind == OPENC2 else ""),
    )


def _barred(method: str, target: str, address: Address, headers: Sequence[tuple[str, str]], elsewhere: str) -> str:
    """Why it can never be sent as it stands, "" where it can."""
    if not method:
        return "Its first line is no request, such as POST /path HTTP/1.1."
    if method not in METHODS:
        return f"{method} is no method that is sent here."
    if "://" not in target and (not address.base or not target.startswith("/")):
        return "The playbook does not say to which machine it goes."
    if address.bare:
        return "A password stands in the playbook itself; only secrets of this node are used, by their names."
    if address.secret and not _SECRET_NAME.fullmatch(address.secret):
        return "The name of its secret cannot be the name of a file."
    if _SECRET.search(elsewhere):
        return "A secret would stand in its address or its content; it goes in headers alone."
    for name, value in headers:
        if name.strip().lower() in _FRAMING or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name):
            return f"The header {name[:40]} is not sent from here."
        if any(sign in value for sign in "\r\n\0"):
            return f"The header {name[:40]} has more than one line."
        if "authorization" in name.lower() and not _SECRET.search(value):
            return "A password stands in the playbook itself; only secrets of this node are used, by their names."
    return ""


def _no_openc2(method: str, content: str) -> str:
    """Why it is no OpenC2 command (OpenC2 over HTTPS 1.0: a POST with a JSON object), "" where it is."""
    try:
        told = isinstance(json.loads(content), dict)
    except ValueError:
        told = False
    return "" if method == "POST" and told else "It is no OpenC2 command: a POST whose content is a JSON object."


def wanted(call: Call) -> tuple[str, ...]:
    """The variables that somebody has to fill in before it can be sent, in their order."""
    texts = (call.url, *(value for _, value in call.headers), call.content)
    names = (found[1] for text in texts for found in _REF.finditer(text))
    return tuple(dict.fromkeys(each for each in names if not _SECRET.fullmatch(each)))


def fill(call: Call, values: Mapping[str, str]) -> Sent:
    """What leaves with these values: in an address they are escaped, in JSON too; secrets stand there by name.

    ValueError names the variable whose value cannot be sent.
    """
    for name in wanted(call):
        if not _is_sendable(values.get(name, "")):
            raise ValueError(name)
    kinds = [value for name, value in call.headers if name.lower() == "content-type"]
    escape = _in_json if any("json" in each.lower() for each in kinds) else str
    url = _put(call.url, {name: _in_address(value) for name, value in values.items()})
    content = _put(call.content, {name: escape(value) for name, value in values.items()})
    # Names of secrets first: what somebody fills in is never taken for one.
    headers = [(name, _put(_named(value), values)) for name, value in call.headers]
    if call.secret:
        scheme = f"Basic {call.user}:" if call.user else "Bearer "
        headers.append(("authorization", f"{scheme}«secret {call.secret}»"))
    whole = json.dumps([call.method, url, headers, content])
    return Sent(
        method=call.method,
        url=url,
        headers=tuple(headers),
        content=content,
        digest=sha256(whole.encode()).hexdigest(),
    )


def answered(names: Sequence[str], body: str) -> dict[str, str]:
    """What an answer says of these variables: members of a JSON object, or for a single one all of what is no object.

    A member has the name of the variable, or that name without its underscores. The standard leaves open how a variable
    is read from an answer (CACAO 2.0, 10.18); what could not be sent again is left out.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = body.strip()
    given = told if isinstance(told, dict) else dict.fromkeys(names, told) if len(names) == 1 else {}
    found = {}
    for name in names:
        value = given.get(name, given.get(name.strip("_")))
        text = value if isinstance(value, str) else json.dumps(value) if isinstance(value, bool | int | float) else ""
        if text and _is_sendable(text) and not _SECRET.fullmatch(name):
            found[name] = text
    return found


def _is_sendable(value: str) -> bool:
    return len(value) <= LONGEST_VALUE and value.isprintable() and "«" not in value and "»" not in value


def secrets_in(sent: Sent) -> tuple[str, ...]:
    """The names of the secrets that stand in it."""
    return tuple(dict.fromkeys(found[1] for _, value in sent.headers for found in _PLACED.finditer(value)))


def unveil(value: str, secrets: Mapping[str, str]) -> str:
    """A header with its secrets in their places."""
    return _PLACED.sub(lambda found: secrets[found[1]], value)


def _put(text: str, values: Mapping[str, str]) -> str:
    return _REF.sub(lambda found: values.get(found[1]) or found[0], text)


def _named(text: str) -> str:
    def placed(found: re.Match[str]) -> str:
        secret = _SECRET.fullmatch(found[1])
        return f"«secret {secret[1]}»" if secret else found[0]

    return _REF.sub(placed, text)


def _in_address(text: str) -> str:
    """Percent-encoded but for unreserved characters (RFC 3986, 2.3)."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def checked(call: Call) -> Call:
    """A request that came from outside by itself, with why it can never be sent, if so."""
    why = _barred(call.method, call.url, Address(secret=call.secret), call.headers, call.url + call.content)
    return msgspec.structs.replace(call, barred=why)
