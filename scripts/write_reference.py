"""Write docs/reference from the code: every command with its options, every error, every type of MISP."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kouprey.kernel.words import errors
from kouprey.misp.rules.types import reference as misp_types

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "Written by `scripts/docs` from the code; change the code, not this page.\n"
EVERYWHERE = """\
Every command takes `--data DIR` (or `KOUPREY_DATA`), `--json`, `--debug` and `--help`, and fails with the codes of
[errors](errors.md).
"""


def find_commands() -> click.Group | None:
    """The root of the command line, None while there is no assembly.

    It is the click group that `kouprey.node.main` holds, or what its function that is annotated to return one makes.
    """
    if importlib.util.find_spec("kouprey.node") is None:
        return None
    module = importlib.import_module("kouprey.node.main")
    for value in vars(module).values():
        if isinstance(value, click.Group) and value.name == "kouprey":
            return value
    for value in vars(module).values():
        made_here = inspect.isfunction(value) and value.__module__ == module.__name__
        if made_here and str(inspect.signature(value).return_annotation).endswith("Group"):
            group: click.Group = value()
            return group
    raise SystemExit("docs: kouprey.node.main neither holds nor makes the click group of all commands")


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
    """One section per command: what it does, how it is called, its options, an example."""
    parts = ["# Commands\n", NOTE, EVERYWHERE]
    for path, command, context in walk(root, click.Context(root, info_name="kouprey"), "kouprey"):
        parts.append(f"## {path}\n")
        if command.help:
            # Click's mark for text that must not be wrapped is no text.
            parts.append(inspect.cleandoc(command.help.replace("\b\n", "")) + "\n")
        usage = " ".join(["Usage:", path, *command.collect_usage_pieces(context)])
        example = getattr(command, "example", "")
        parts.append(f"```\n{usage}\n" + (f"\n{example.strip()}\n" if example else "") + "```\n")
        everywhere = {"--data", "--json", "--debug", "--help"}
        own = [param for param in command.get_params(context) if not everywhere & set(param.opts)]
        rows = [record for param in own if (record := param.get_help_record(context))]
        if rows:
            cells = (
                f"| `{left.replace('|', '/')}` | {' '.join(right.split()).replace('|', '/')} |" for left, right in rows
            )
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
    yield REFERENCE / "misp-types.md", misp_types()
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
