"""Answers on the command line: tables and sentences for people, JSON for programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from kouprey.kernel.words.errors import Refused

# What a partner wrote must not steer the terminal it is read in: C0, DEL, C1 and the bidirectional overrides.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """Text that is safe to show in a terminal: control characters become U+FFFD."""
    return _CONTROL.sub("�", str(text))


class Advance(Protocol):
    """Moves a bar on by `done`, with a remark beside it."""

    def __call__(self, done: int, remark: str = "") -> None:
        """Show it."""
        ...


class Output:
    """Where a command answers. With `json`, exactly one JSON document goes to stdout and remarks are left out."""

    def __init__(self, json: bool) -> None:
        self.json = json

    def result(self, value: object, text: str | Callable[[], str]) -> None:
        """The answer: `value` for programs, `text` for people."""
        if self.json:
            self._encode(value)
        else:
            sys.stdout.write(plain(text if isinstance(text, str) else text()) + "\n")

    def table(self, rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], empty: str = "") -> None:
        """Rows for people as a table of `columns` (key -> heading); for programs as a list of whole rows."""
        if self.json:
            self._encode(list(rows))
            return
        if not rows:
            self.note(empty)
            return
        cells = [[_cell(row.get(key)) for key in columns] for row in rows]
        if sys.stdout.isatty():
            self._rich_table(list(columns.values()), cells)
        else:
            self._plain_table(list(columns.values()), cells)

    def fields(self, value: Mapping[str, object], labels: Mapping[str, str]) -> None:
        """One thing: `labels` (key -> label) for people, one below the other; the whole object for programs."""
        if self.json:
            self._encode(value)
            return
        width = max((len(label) for label in labels.values()), default=0)
        for key, label in labels.items():
            sys.stdout.write(f"{label:<{width}}  {_cell(value.get(key))}\n")

    def note(self, text: str) -> None:
        """A remark beside the answer, on stderr; left out for programs."""
        if text and not self.json:
            sys.stderr.write(plain(text) + "\n")

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[Advance]:
        """A bar on stderr while work lasts; call the given function with how much was done since the last call.

        It shows the part done and the time left, and a remark if one is given. Quiet for programs and when nobody
        watches.
        """
        if self.json or not sys.stderr.isatty():
            yield lambda done, remark="": None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        texts = TextColumn("{task.description}"), TextColumn("{task.fields[remark]}")
        parts = texts[0], BarColumn(), TaskProgressColumn(), texts[1], TimeRemainingColumn()
        with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=total, remark="")
            yield lambda done, remark="": bar.update(task, advance=done, remark=remark)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something that cannot be undone; raises Refused on "no", or when there is nobody to ask."""
        if yes:
            return
        if self.json or not sys.stdin.isatty():
            raise Refused(
                "This needs a yes.", f"Nobody can be asked here: {question}", "Add --yes.", code="needs-confirmation"
            )
        import click

        if not click.confirm(question, err=True):
            raise Refused("Nothing was done.", "You said no.", code="not-confirmed")

    def _encode(self, value: object) -> None:
        import msgspec

        text = msgspec.json.encode(value)
        if sys.stdout.isatty():
            text = msgspec.json.format(text, indent=2)
        sys.stdout.write(text.decode() + "\n")

    def _plain_table(self, heads: list[str], cells: list[list[str]]) -> None:
        widths = [max(len(line[at]) for line in [heads, *cells]) for at in range(len(heads))]
        for line in [heads, *cells]:
            text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            sys.stdout.write(text.rstrip() + "\n")

    def _rich_table(self, heads: list[str], cells: list[list[str]]) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for head in heads:
            # Fold, never cut: an id that is cut cannot be copied.
            table.add_column(head, overflow="fold")
        for line in cells:
            table.add_row(*(Text(cell) for cell in line))
        Console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_cell(each) for each in value)
    return plain(value).replace("\n", " ").replace("\t", " ")
