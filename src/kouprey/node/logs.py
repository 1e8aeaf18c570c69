"""The log of a server: one JSON line per event, or readable text on a terminal, without what opens doors."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

from kouprey.node.settings import Settings

FIELDS = ("request", "method", "route", "status", "milliseconds", "client", "job")
"""What an event may say beside its text; each is a column for whoever collects logs."""

_SECRETS = (
    # Sign-in links, sessions and tokens are 256 bits in 43 letters; longer words are hashes and signatures, no keys.
    re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII),
    re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s@]+(?=@)"),
    re.compile(r"(?i)(?<=password=)('[^']*'|\S+)"),
    re.compile(r"(?i)\b(?:basic|bearer)\s+[\w.~+/=-]{6,}"),
)


def without_secrets(text: str) -> str:
    """The text with everything that looks like a credential taken out: a second wall, since nothing should log one."""
    for secret in _SECRETS:
        text = secret.sub("[secret]", text)
    return text


class JsonLines(logging.Formatter):
    """One line per event; `trace` when something failed."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "text": without_secrets(record.getMessage()),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class Readable(logging.Formatter):
    """For a terminal: time, level, what happened, and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        fields = " ".join(f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        text = f"{at} {record.levelname.lower():7} {record.getMessage()}" + (f"  {fields}" if fields else "")
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return without_secrets(text)


def set_up(settings: Settings, stream: TextIO | None = None) -> None:
    """Send what this process logs to stderr, as the settings say."""
    out = stream or sys.stderr
    form = settings.log_form or ("text" if out.isatty() else "json")
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines() if form == "json" else Readable())
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, JsonLines | Readable)]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger("kouprey").setLevel(settings.log_level.upper())
