"""Options of `kouprey import` by which a table is understood, and what it would come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import click
import msgspec

from kouprey.exchange.model import Refusal
from kouprey.exchange.model.tables import Constants, Dialect, Look, Mapping, Times
from kouprey.exchange.wire.tables import HEAD, check_mapping, look_at, read_mapping, read_table
from kouprey.exchange.wire.window import unpacked
from kouprey.kernel.words.errors import Damaged

F = TypeVar("F", bound=Callable[..., None])

# Whose a preview is matters to ids alone, and it needs no node.
_NOBODY = "identity--00000000-0000-4000-8000-000000000000"
_FIRST = 10

_OPTIONS = (
    click.option(
        "--map",
        "map_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The files are tables, and this TOML file says what their columns are.",
    ),
    click.option(
        "--column", "columns", multiple=True, metavar="COLUMN=ROLE", help="A column by its name or number; repeatable."
    ),
    click.option(
        "--constant", "constants", multiple=True, metavar="ROLE=TEXT", help="What holds for every row; repeatable."
    ),
    click.option("--as", "kind", type=click.Choice(["observed", "indicator"]), help="What values of a table become."),
    click.option("--encoding", type=click.Choice(["utf-8", "utf-16", "latin-1"]), help="Of a table."),
    click.option("--delimiter", metavar="CHARACTER", help="Between the cells of a table."),
    click.option(
        "--header/--no-header", "header", default=None, help="Whether the first row of a table names columns."
    ),
    click.option("--time-format", default="", metavar="FORMAT", help="Of times in a table, in the way of strptime."),
    click.option("--zone", default="", metavar="ZONE", help="Of times in a table that name none (UTC if left out)."),
    click.option("--check", is_flag=True, help="Show what a table would become, and take nothing in."),
)


def table_options(function: F) -> F:
    """The options by which a table is understood, as one value `table`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@dataclass(frozen=True)
class TableOptions:
    """What was said about tables on the command line; it goes before what the mapping file says."""

    map_file: Path | None
    columns: Sequence[str]
    constants: Sequence[str]
    kind: str | None
    encoding: str | None
    delimiter: str | None
    header: bool | None
    time_format: str
    zone: str
    check: bool

    @property
    def wanted(self) -> bool:
        """Whether the files are tables."""
        return self.map_file is not None or bool(self.columns) or self.check

    def mapping(self) -> Mapping:
        """The mapping; Damaged when it cannot be followed."""
        mapping = read_mapping(self.map_file.read_text("utf-8", "replace")) if self.map_file is not None else Mapping()
        said = {
            "columns": mapping.columns | dict(map(_column, self.columns)),
            "constants": self._constants(mapping.constants),
            "times": Times(
                format=self.time_format or mapping.times.format,
                zone=self.zone or mapping.times.zone,
            ),
        }
        if self.kind is not None:
            said["kind"] = self.kind
        return msgspec.structs.replace(mapping, **said)

    def _constants(self, given: Constants) -> Constants:
        try:
            return msgspec.convert({**msgspec.to_builtins(given), **dict(map(_constant, self.constants))}, Constants)
        except msgspec.ValidationError as error:
            raise Damaged("The constant cannot be read.", f"{error}.", code="bad-mapping") from None

    def look(self, path: Path, mapping: Mapping) -> Look:
        """How the table is written: as was said, else as it seems."""
        with path.open("rb") as file:
            head = _head(file)
        seen = look_at(head, mapping.file)
        own = {"encoding": self.encoding, "delimiter": self.delimiter, "header": self.header}
        changed = {name: value for name, value in own.items() if value is not None}
        if changed.get("delimiter") in ("tab", "\\t"):
            changed["delimiter"] = "\t"
        return look_at(head, msgspec.structs.replace(seen.dialect, **changed)) if changed else seen

    def preview(self, path: Path) -> tuple[dict[str, object], str]:
        """What a table would become, for programs and for people; nothing is kept."""
        mapping = self.mapping()
        look = self.look(path, mapping)
        answer: dict[str, object] = {"file": str(path), **msgspec.to_builtins(look)}
        lines = [f"{path}: {_dialect_line(look.dialect)}", *_column_lines(look, mapping)]
        if not mapping.columns:
            asked = " ".join(f"--column {_shell(name)}={role}" for name, role in look.guessed.items())
            lines.append(f"Nothing is said about the columns. Perhaps: {asked or 'no column looks like a value'}")
            return answer, "\n".join(lines)
        check_mapping(mapping)
        first: list[object] = []
        made = 0
        refused: list[Refusal] = []
        refusals = 0
        with path.open("rb") as file:
            for each in read_table(file, mapping, look.dialect, _NOBODY):
                if isinstance(each, Refusal):
                    refusals += 1
                    refused += [each] if refusals <= _FIRST else []
                else:
                    made += 1
                    first += [each.value] if made <= _FIRST else []
        answer |= {"objects": made, "refused": refusals, "first": first, "refusals": msgspec.to_builtins(refused)}
        lines += [msgspec.json.encode(each).decode() for each in first]
        lines += [f"line {each.line}, byte {each.offset}: {each.what} {each.why} {each.remedy}" for each in refused]
        return answer, "\n".join(
            [*lines, f"{made} objects would be made, {refusals} rows refused. Nothing was taken in."]
        )


def _head(file: BinaryIO) -> bytes:
    read = unpacked(file)
    head = b""
    while len(head) < HEAD and (more := read(HEAD - len(head))):
        head += more
    return head


def _column(text: str) -> tuple[str, str]:
    """The last sign counts: a column may have one in its name."""
    return _pair(text, *text.rpartition("=")[::2])


def _constant(text: str) -> tuple[str, str]:
    return _pair(text, *text.partition("=")[::2])


def _pair(text: str, left: str, right: str) -> tuple[str, str]:
    if not left or not right:
        raise Damaged(f"{text[:60]!r} cannot be read.", "It is written NAME=VALUE.", code="bad-mapping")
    return left, right


def _dialect_line(dialect: Dialect) -> str:
    between = {"\t": "tabulators", ",": "commas", ";": "semicolons", "|": "strokes"}
    return (
        f"{dialect.encoding}, cells between {between.get(dialect.delimiter, repr(dialect.delimiter))},"
        f" {'the first row names the columns' if dialect.header else 'no header'}"
        + (f", lines with {dialect.comment} are comments" if dialect.comment else "")
    )


def _column_lines(look: Look, mapping: Mapping) -> Iterator[str]:
    for place, name in enumerate(look.columns):
        role = mapping.columns.get(name) or mapping.columns.get(str(place + 1)) or "left out"
        sample = next((row.cells[place] for row in look.rows if place < len(row.cells) and row.cells[place]), "")
        called = "" if name == str(place + 1) else f"  {name}"
        yield f"  {place + 1}{called}: {role}" + (f" (such as {sample[:60]!r})" if sample else "")


def _shell(name: str) -> str:
    return name if name.replace("_", "").isalnum() else f"'{name}'"


def table_of(values: dict[str, object]) -> TableOptions:
    """The options of one call; they are taken out of `values`."""
    return TableOptions(**{name: values.pop(name) for name in TableOptions.__dataclass_fields__})  # type: ignore[arg-type]  # click has checked them
