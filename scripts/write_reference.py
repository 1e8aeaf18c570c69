"""Write docs/reference from the code: commands, settings, errors, roles, REST, leak test, STIX, types of MISP."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

import click
import msgspec

from kouprey.exchange.rules.kinds import Kind
from kouprey.kernel.words import errors
from kouprey.misp.rules.types import reference as misp_types
from kouprey.node.settings import MEANINGS, Settings

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


def settings_page() -> str:
    """Every setting with what it is when nobody sets it."""
    rows = []
    for field in msgspec.structs.fields(Settings):
        value = msgspec.json.encode(field.default).decode()
        rows.append(f"| `{field.name}` | `{value}` | {MEANINGS[field.name]} |")
    head = (
        "They stand in `kouprey.toml` in the data directory, in the syntax of TOML. Over the file goes the environment"
        " (`KOUPREY_<NAME>` in capitals), over it the options of `kouprey serve`.\n"
    )
    table = ["| setting | when not set | meaning |", "|---|---|---|", *rows, ""]
    return "\n".join(["# Settings\n", NOTE, head, *table])


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


STIX = """\
Every object is judged by the table of its type (`kouprey.exchange.rules`). An object of a type that is not here is a
custom one: its common properties are judged, and its own by their names. A property that is not here is custom: it is
kept, its name is judged, and it should come with an extension. Whatever is found, the bytes are kept as they came.
Every type also knows `type`, and the common properties named above its table.
"""


def stix_page() -> str:
    """Which types and properties of STIX are understood, in both versions."""
    from kouprey.exchange.rules import earlier, predefined, remedies
    from kouprey.exchange.rules.objects import DOMAIN_OBJECTS
    from kouprey.exchange.rules.observables import OBSERVABLES
    from kouprey.exchange.rules.properties import COMMON, COMMON_OBSERVABLE
    from kouprey.exchange.rules.validation import KINDS

    marking = {"marking-definition": KINDS["marking-definition"]}
    old_common = {"id", "created_by_ref", "created", "modified", "revoked", "labels", "external_references"}
    old_common |= {"object_marking_refs", "granular_markings"}
    extensions = {
        "file": predefined.FILE,
        "network-traffic": predefined.NETWORK_TRAFFIC,
        "process": predefined.PROCESS,
        "user-account": predefined.USER_ACCOUNT,
    }
    parts = ["# STIX coverage\n", NOTE, STIX]
    parts.append(
        kinds_table("STIX 2.1: domain, relationship and meta objects", DOMAIN_OBJECTS | marking, {"id", *COMMON})
    )
    parts.append(kinds_table("STIX 2.1: observables", OBSERVABLES, {"id", *COMMON_OBSERVABLE}))
    rows = [f"| `{type_}` | {code_list(known)} |" for type_, known in extensions.items()]
    parts.append(
        "\n".join(["## Extensions of observables that STIX defines\n", "| type | extensions |", "|---|---|", *rows])
    )
    parts.append(
        "\nExtension definitions are understood by their `extension_type`: what they add is judged by its names; their"
        " schemas are not fetched.\n"
    )
    parts.append(kinds_table("STIX 2.0: objects", earlier.KINDS_2_0, old_common))
    parts.append(kinds_table("STIX 2.0: observables inside observed data", earlier.OBSERVABLES_2_0, {"extensions"}))
    told = [f"| `{code}` | {text} |" for code, text in sorted(remedies.REMEDIES.items())]
    parts.append("\n".join(["## Findings\n", "| code | what to do |", "|---|---|", *told, ""]))
    return "\n".join(parts)


def kinds_table(title: str, kinds: Mapping[str, Kind], common: Set[str]) -> str:
    """One row for each type; what all have in common is named once."""
    rows = []
    for type_, kind in sorted(kinds.items()):
        required = [name for name, _ in kind.required]
        own = [name for name in kind.checks if name not in common and name not in required]
        needed = [name for name in required if name not in common]
        rows.append(f"| `{type_}` | {code_list(needed)} | {code_list(own)} |")
    head = f"## {title}\n\nIn common: {code_list(sorted(common))}.\n"
    return "\n".join([head, "| type | required besides | further properties |", "|---|---|---|", *rows, ""])


def code_list(names: Iterable[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def door_pages() -> tuple[str, str]:
    """Which role opens which door of an assembled node, and its REST interface."""
    from kouprey.node.assemble import open_node
    from kouprey.node.founding import found
    from kouprey.node.matrix import page
    from kouprey.node.rest import reference
    from kouprey.node.web import build_web

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "node"
        settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": ""}
        identity = "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"
        found(folder, party="cert.example", name="Example", settings=settings, identity=identity, person="Nobody")
        node = open_node(folder)
        try:
            doors = build_web(node).doors
            return page(doors, NOTE), reference(doors, NOTE)
        finally:
            node.close()


LEAKS = """\
Everybody asks everything, and no answer may betray what its asker may not see:
[how that is tested](../how-to/keep-it-tight.md). Every door that reads is asked; below stand the exemptions with their
reasons, and the mutants that show that the test would notice.
"""


def leaks_page() -> str:
    """What the leak test asks, what it does not ask and why, and which mutants it has to see."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from leaks import catalogue, exemptions, unasked
    from leaks.mutants import MUTANTS
    from leaks.things import THINGS
    from leaks.world import ASKERS

    def table(title: str, left: str, rows: Mapping[str, str]) -> str:
        lines = [f"| `{name}` | {reason} |" for name, reason in sorted(rows.items())]
        return "\n".join([f"## {title}\n", f"| {left} | why |", "|---|---|", *lines, ""])

    commands = {name: reason or "Asked, for every party." for name, reason in exemptions.COMMANDS.items()}
    asked = [code_list(catalogue.PATHS), code_list(catalogue.QUERIES), code_list(catalogue.FIELDS)]
    said = ["## What is asked\n", f"Placeholders of paths: {asked[0]}.\n", f"Parameters: {asked[1]}.\n"]
    said += [f"Fields of forms: {asked[2]}.\n", f"Who asks: {', '.join(ASKERS)}.\n"]
    said += [f"What there is to hide: {', '.join(thing.key for thing in THINGS)}.\n"]
    mutants = [f"| {each.wrong} | {each.asker} | {code_list(each.doors) or 'digests'} |" for each in MUTANTS]
    return "\n".join(
        [
            "# Leak test\n",
            NOTE,
            LEAKS,
            *said,
            table("Doors that are not asked", "door", exemptions.UNASKED),
            table("Doors that may answer differently", "door", exemptions.DIFFERS),
            table("Doors that tell of something hidden", "door", {k: v[1] for k, v in exemptions.TELLS.items()}),
            table("Parameters by which the work may differ", "parameter", exemptions.ROADS),
            table("Commands", "command", commands),
            table("Jobs and listeners", "name", {**unasked.JOBS, **unasked.LISTENERS}),
            "## Mutants\n",
            "\n".join(["| what a developer did | who notices | where |", "|---|---|---|", *mutants, ""]),
        ]
    )


def handoffs_page() -> str:
    """The table by which a message of a hand-off counts, from the fold itself."""
    from kouprey.agreements.model import HANDOFF_KINDS
    from kouprey.response.model import LEGAL_KINDS, Side, Stage, Verb
    from kouprey.response.rules.folding import TABLE
    from kouprey.response.rules.rights import roles_for

    plain = ", ".join(kind for kind in HANDOFF_KINDS if kind not in LEGAL_KINDS)
    lines = [
        "# The course of a hand-off",
        "",
        "Made from the code. A message counts where its line has a stage, and leads there; anywhere else it is kept",
        "and does not count. More: [capability](../capabilities/response.md), [format](../spec/hand-off.md).",
        "",
        f"| message | said by | {' | '.join(stage for stage in Stage)} |",
        f"|---|---|{'---|' * len(Stage)}",
    ]
    for (verb, side), (stages, leads) in TABLE.items():
        after = "as before" if leads is None else str(leads)
        cells = " | ".join(after if stage in stages else "" for stage in Stage)
        lines.append(f"| {verb} | who {'asks' if side is Side.ASKING else 'is asked'} | {cells} |")
    lines += [
        "",
        "`settle` closes a dispute once both sides have said it. An `answer` leads back to where the query was asked.",
        "",
        "## Who may say it",
        "",
        f"| message | {plain} | {', '.join(sorted(LEGAL_KINDS))} |",
        "|---|---|---|",
    ]
    for verb in Verb:
        cells = " | ".join(", ".join(sorted(map(str, roles_for(verb, kind)))) for kind in ("act", "preserve"))
        lines.append(f"| {verb} | {cells} |")
    return "\n".join(lines) + "\n"


def pages() -> Iterator[tuple[Path, str]]:
    """Each reference page with the text it must have."""
    yield REFERENCE / "errors.md", errors_page()
    roles, rest = door_pages()
    yield REFERENCE / "roles.md", roles
    yield REFERENCE / "api.md", rest
    yield REFERENCE / "misp-types.md", misp_types()
    yield REFERENCE / "leak-test.md", leaks_page()
    yield REFERENCE / "hand-offs.md", handoffs_page()
    yield REFERENCE / "settings.md", settings_page()
    yield REFERENCE / "stix-coverage.md", stix_page()
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
