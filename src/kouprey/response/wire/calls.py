"""What is kept of the answer to a request: a text that a person reads, with the hash of what came."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import NamedTuple

import msgspec

from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.words.time import Instant, format_instant
from kouprey.response.model.calls import Attempt, Sent
from kouprey.response.rules.requests import secrets_in, unveil

KEPT = 16 << 10
"""Bytes of an answer that are kept as text."""
MOST_HEADERS = 60


class Digests(NamedTuple):
    """SHA-256, hexadecimal: of the answer's bytes as they came, and of the record that is kept."""

    body: str
    record: str


def write_answer(
    attempt: Attempt, answer: Answer, now: Instant, *, hidden: Callable[[str], str]
) -> tuple[bytes, Digests]:
    """The record of an answer: request and answer, headers and the beginning of the body; `hidden` takes secrets out.

    What is no UTF-8 stands there with U+FFFD; the hash is of the bytes.
    """
    digest = sha256(answer.body).hexdigest()
    # A secret that is said back is taken out before it is cut, so that no half of one is kept.
    text = hidden(answer.body[: 2 * KEPT].decode("utf-8", "replace"))[:KEPT]
    lines = [
        f"sent: {format_instant(attempt.sent_at)}",
        f"answered: {format_instant(now)}",
        "",
        f"{attempt.sent.method} {attempt.sent.url}",
        *(f"{name}: {value}" for name, value in attempt.sent.headers),
        "",
        attempt.sent.content,
        "",
        f"status: {answer.status}",
        f"bytes: {len(answer.body)}",
        f"sha256: {digest}",
        *(hidden(f"{name}: {value[:1_000]}") for name, value in [*answer.headers.items()][:MOST_HEADERS]),
        "",
        text,
    ]
    if len(answer.body) > KEPT:
        lines.append(f"[{len(answer.body) - KEPT} more bytes were not kept]")
    record = "\n".join(lines).encode("utf-8", "replace")
    return record, Digests(digest, sha256(record).hexdigest())


def hide_secrets(text: str, forms: Mapping[str, str]) -> str:
    """A text without secrets: `forms` are the ways they were sent in and what stands for each; base64 of them too."""
    for secret, placed in sorted(forms.items(), key=lambda pair: -len(pair[0])):
        packed = b64encode(secret.encode()).decode()
        for form in (secret, packed, packed.rstrip("=")):
            text = text.replace(form, placed)
    return text


def forms_of(sent: Sent, secrets: Mapping[str, str]) -> dict[str, str]:
    """Each way in which a secret was sent -> what stands for it in what is kept."""
    forms = {value: f"«secret {name}»" for name, value in secrets.items()}
    for name, value in sent.headers:
        if secrets_in(msgspec.structs.replace(sent, headers=((name, value),))):
            token = header_of(name, value, secrets).split(" ")[-1]
            forms.setdefault(token, "«secret»")
    return forms


def header_of(name: str, value: str, secrets: Mapping[str, str]) -> str:
    """A header as it is sent, with its secrets; Basic is packed as RFC 7617 says."""
    told = unveil(value, secrets)
    if name == "authorization" and told.startswith("Basic "):
        return f"Basic {b64encode(told.removeprefix('Basic ').encode()).decode()}"
    return told


def complaint(answer: Answer) -> str:
    """Why an answer is no success, in English."""
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "")[:300]
        return f"It answered {answer.status} and points to {where or 'nowhere'}; from here nobody follows."
    return f"It answered {answer.status}."
