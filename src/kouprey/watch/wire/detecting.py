"""Which format a sample of lines has, and why; a clear answer also where it is none."""

from __future__ import annotations

from collections import Counter

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.watch.model import Format

BROKEN = "The lines look like JSON, and are no objects that can be read."
SAMPLE = 50
"""Lines that are looked at."""
_SIGNS: tuple[tuple[Format, tuple[frozenset[str], ...]], ...] = (
    (Format.SURICATA, (frozenset({"event_type", "timestamp"}),)),
    (
        Format.ZEEK,
        (
            frozenset({"ts", "uid"}),
            frozenset({"ts", "id.orig_h"}),
            frozenset({"_path", "ts"}),
            frozenset({"ts", "fuid"}),
        ),
    ),
    (
        Format.ECS,
        (frozenset({"@timestamp"}), frozenset({"ecs"}), frozenset({"EventID", "Hostname"}), frozenset({"ecs.version"})),
    ),
)


def detect(sample: bytes) -> tuple[Format, str]:
    """The format of most lines, and by what it was told; Damaged (`unclear-format`) where nine of ten do not agree."""
    lines = [line for line in sample.split(b"\n") if line.strip()][:SAMPLE]
    if not lines:
        raise _unclear("It holds no line.", "Send some events.")
    if lines[0].startswith(b"#separator"):
        raise _unclear(
            "This is a log of Zeek as a table.", "Have Zeek write JSON: `redef LogAscii::use_json = T;` in local.zeek."
        )
    told = [_format(line) for line in lines]
    # A line that is cut says nothing about the others.
    readable = [each for each in told if each[1] != BROKEN] or told
    forms = Counter(form for form, _ in readable)
    form, count = forms.most_common(1)[0]
    why = next(each[1] for each in readable if each[0] is form)
    if form is Format.AUTO:
        raise _unclear(why, "Name the format, or send lines as Zeek, Suricata or a collector (ECS) writes them.")
    if count * 10 < len(readable) * 9:
        others = ", ".join(
            sorted(str(each) if each is not Format.AUTO else "none known" for each in forms.keys() - {form})
        )
        raise _unclear(f"{count} of {len(readable)} lines look like {form}, others like {others}.", "Send them apart.")
    return form, why


def _format(line: bytes) -> tuple[Format, str]:
    if not line.lstrip().startswith((b"{", b"[")):
        return Format.PLAIN, "The lines are text."
    try:
        names = msgspec.json.decode(line, type=dict[str, msgspec.Raw]).keys()
    except (msgspec.DecodeError, RecursionError):
        return Format.AUTO, BROKEN
    for form, signs in _SIGNS:
        for sign in signs:
            if sign <= names:
                return form, f"The lines have {' and '.join(sorted(sign))}."
    few = ", ".join(sorted(names)[:8])
    return Format.AUTO, f"The lines are JSON of no format that is known; they have {few or 'no fields'}."


def _unclear(why: str, remedy: str) -> Damaged:
    return Damaged("The format is not clear.", why[:400], remedy, code="unclear-format")
