"""Templates of cases as JSON, for another node or for a drawer: without persons, who are of this node alone."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import parse_pap, parse_tlp
from kouprey.response.model.calls import Call
from kouprey.response.model.cases import Kind, Severity, Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.rules.requests import checked

LARGEST = 1 << 20
"""Bytes of a file."""
MOST_TASKS = 500
LONGEST_DUE = 400 * 86_400
Short = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=20_000)]
Place = Annotated[int, Meta(ge=0, lt=MOST_TASKS)]


class _Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    method: Annotated[str, Meta(max_length=20)]
    url: Annotated[str, Meta(max_length=8_192)]
    headers: Annotated[tuple[tuple[Short, Text], ...], Meta(max_length=60)] = ()
    content: Text = ""
    user: Short = ""
    secret: Short = ""
    timeout_ms: Annotated[int, Meta(ge=0, le=10**10)] = 0
    third: bool = False
    outs: Annotated[tuple[Short, ...], Meta(max_length=50)] = ()


class _Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    track: Track
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Text = ""
    due_s: Annotated[int, Meta(ge=0, le=LONGEST_DUE)] = 0
    after: Annotated[tuple[Place, ...], Meta(max_length=MOST_TASKS)] = ()
    under: Place | None = None
    calls: Annotated[tuple[_Call, ...], Meta(max_length=100)] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["case-template"]
    spec_version: Literal["kouprey-1"]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    tlp: Short
    pap: Short = "clear"
    description: Text = ""
    title: Short = ""
    summary: Text = ""
    kind: Kind = Kind.INCIDENT
    incident_type: Short = ""
    severity: Severity = Severity.UNKNOWN
    cross_border: bool = False
    sectors: Annotated[tuple[Short, ...], Meta(max_length=50)] = ()
    tasks: Annotated[tuple[_Task, ...], Meta(max_length=MOST_TASKS)] = ()


def write_template(template: Template) -> bytes:
    """The file of a template, with the tasks that stand in it."""
    calls = ("method", "url", "headers", "content", "user", "secret", "timeout_ms", "third", "outs")
    tasks = tuple(
        _Task(
            track=each.track,
            title=each.title,
            text=each.text,
            due_s=each.due_s,
            after=each.after,
            under=each.under,
            calls=tuple(_Call(**{name: getattr(call, name) for name in calls}) for call in each.calls),
        )
        for each in template.tasks
    )
    same = ("name", "description", "title", "summary", "kind", "severity", "cross_border", "sectors")
    made = _File(
        type="case-template",
        spec_version="kouprey-1",
        tlp=template.tlp.word,
        pap=template.pap.word,
        incident_type=template.type,
        tasks=tasks,
        **{name: getattr(template, name) for name in same},
    )
    return msgspec.json.format(msgspec.json.encode(made), indent=2)


def read_template(raw: bytes) -> Template:
    """A template out of such a file, without id and persons; Damaged (`bad-template`) naming where it is wrong.

    Its requests are looked at anew: what can never be sent says why, whatever the file says.
    """
    if len(raw) > LARGEST:
        raise TooLarge("The file is too large.", f"{LARGEST:,} bytes may be, it has {len(raw):,}.", code="too-large")
    try:
        given = msgspec.convert(decode(raw), type=_File)
        tlp, pap = parse_tlp(given.tlp), parse_pap(given.pap)
    except (msgspec.ValidationError, ValueError) as error:
        raise _wrong(str(error)[:300]) from error
    for place, task in enumerate(given.tasks):
        if any(each >= len(given.tasks) or each == place for each in task.after):
            raise _wrong(f"$.tasks[{place}].after names a task that is not there, or itself.")
        if task.under is not None and task.under >= place:
            raise _wrong(f"$.tasks[{place}].under names no task before it.")
    same = ("name", "description", "title", "summary", "kind", "severity", "cross_border", "sectors")
    return Template(
        id="",
        tlp=tlp,
        pap=pap,
        type=given.incident_type,
        tasks=tuple(_task(each) for each in given.tasks),
        **{name: getattr(given, name) for name in same},
    )


def _task(task: _Task) -> TemplateTask:
    return TemplateTask(
        track=task.track,
        title=task.title,
        text=task.text,
        due_s=task.due_s,
        after=task.after,
        under=task.under,
        calls=tuple(checked(Call(**msgspec.structs.asdict(call))) for call in task.calls),
    )


def _wrong(why: str) -> Damaged:
    return Damaged(
        "This template cannot be read.",
        why,
        "Take the file as a node has written it, or mend it there.",
        code="bad-template",
    )
