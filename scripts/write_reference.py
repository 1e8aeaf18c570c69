"""Write docs/reference from the code: every command with its options, every error with its codes."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kouprey.kernel.words import errors

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "Written by `scripts/docs` from the code; change the code, not this page.\n"


def find_commands() -> click.Group | None:
    """The root of the command line: the click group in `kouprey.node.main`; None while there is no assembly."""
    if importlib.util.find_spec("kouprey.node") is None:
        return None
    module = importlib.import_module("kouprey.node.main")
    groups = [value for value in vars(module).values() if isinstance(value, click.Group)]
    if len(groups) != 1:
        raise SystemExit(f"docs: kouprey.node.main must hold the one root of the commands; found {len(groups)} groups")
    return groups[0]


def walk(
    command: click.Command, context: click.Context, path: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command that can be run, in the order the groups list them."""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                below = click.Context(child, info_name=name, parent=context)
                yield from walk(child, below, f"{path} {name}")
    else:
        yield path, command, context


def commands_page(root: click.Group) -> str:
    """One section per command: what it does, how it is called, its options."""
    parts = ["# Commands\n", NOTE]
    for path, command, context in walk(root, click.Context(root, info_name="kouprey"), "kouprey"):
        parts.append(f"## {path}\n")
        usage = " ".join(piece for piece in command.collect_usage_pieces(context))
        parts.append(f"```\n{path} {usage}\n```\n")
        if command.help:
            # Click's mark for text that must not be wrapped.
            text = command.help.replace("\b\n", "").strip()
            parts.append(f"```text\n{text}\n```\n")
        rows = [record for p in command.get_params(context) if (record := p.get_help_record(context))]
        if rows:
            cells = (f"| `{left}` | {right} |".replace("  ", " ") for left, right in rows)
            parts.append("\n".join(["| option | meaning |", "|---|---|", *cells]) + "\n")
    return "\n".join(parts)


def errors_page() -> str:
    """Every failure with its code, exit code and HTTP status."""
    rows = [
        f"| `{kind.code}` | {kind.exit_code} | {kind.http_status} | {(kind.__doc__ or '').strip().splitlines()[0]} |"
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.KoupreyError)
    ]
    head = "A failure says what happened, why, and the remedy. `code` is stable; a failure may carry a narrower one.\n"
    return "\n".join(
        ["# Errors\n", NOTE, head, "| code | exit code | HTTP status | meaning |", "|---|---|---|---|", *rows, ""]
    )


def pages() -> Iterator[tuple[Path, str]]:
    """Each reference page with the text it must have."""
    yield REFERENCE / "errors.md", errors_page()
    commands = find_commands()
    yield (
        REFERENCE / "commands.md",
        commands_page(commands)
        if commands is not None
        else f"# Commands\n\n{NOTE}\nNo capability offers commands yet.\n",
    )


def main() -> int:
    """Write the pages, or with --check name those that are stale."""
    check = "--check" in sys.argv[1:]
    stale = [(path, text) for path, text in pages() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in stale:
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        print(f"docs: {'stale' if check else 'wrote'} {path.name}")
    if not stale:
        print("docs: the reference says what the code says")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
