"""The command tree: commands are named here and imported only when they are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

from kouprey.kernel.cli.output import Output
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, Refused


class Lazy(NamedTuple):
    """A command by name: `target` is `package.module:attribute` of a click command, `help` one line for the list."""

    name: str
    target: str
    help: str


@dataclass
class Invocation:
    """What holds for every command: where the data is and how to answer. The first argument of each command."""

    data: Path | None = None
    json: bool = False
    debug: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    opener: Callable[[Invocation], AbstractContextManager[Services]] | None = None

    def node(self) -> AbstractContextManager[Services]:
        """The services of the node meant by `--data`; when it is left, facts are delivered and lanes appended."""
        if self.opener is None:
            raise Refused("This command needs a node.", "It was called outside the kouprey command.", code="no-node")
        return self.opener(self)

    @cached_property
    def out(self) -> Output:
        """Where answers go."""
        return Output(self.json)

    def data_dir(self) -> Path:
        """The data directory of `--data` or `KOUPREY_DATA`; raises Refused when neither is given."""
        chosen = self.data or (Path(os.environ["KOUPREY_DATA"]) if os.environ.get("KOUPREY_DATA") else None)
        if chosen is None:
            raise Refused(
                "It is not clear which node is meant.",
                "Neither --data nor KOUPREY_DATA names a data directory.",
                "Add --data DIR, or set KOUPREY_DATA.",
                code="no-data-directory",
            )
        return chosen


class _FrameOption(click.Option):
    """An option every command has; shown apart from the command's own."""


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        invocation = ctx.ensure_object(Invocation)
        if value:
            setattr(invocation, name, value)

    return keep


def _frame_options() -> list[click.Parameter]:
    return [
        _FrameOption(
            ["--data"],
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            expose_value=False,
            callback=_remember("data"),
            help="Data directory of the node (or KOUPREY_DATA).",
        ),
        _FrameOption(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_remember("json"),
            help="Answer in JSON, errors too.",
        ),
        _FrameOption(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            callback=_remember("debug"),
            help="Show the trace of an unexpected failure.",
        ),
    ]


class Command(click.Command):
    """A command whose help ends with `example`; its function gets the Invocation first."""

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        self.params.extend(_frame_options())

    def invoke(self, ctx: click.Context) -> Any:
        if self.callback is None:
            return None
        return ctx.invoke(self.callback, ctx.ensure_object(Invocation), **ctx.params)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_example(self.example, formatter)


class Group(click.Group):
    """A group of commands, some of them known by name only until they are called."""

    command_class = Command
    # click's way of saying "groups inside are of this class too".
    group_class = type

    def __init__(self, *args: Any, example: str, lazy: Sequence[Lazy] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        self.lazy = {entry.name: entry for entry in lazy}
        self.params.extend(_frame_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.lazy, *(name for name in self.commands if name not in self.lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.lazy.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = entry.target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        wanted = args[0] if args else ""
        if wanted and not wanted.startswith("-") and self.get_command(ctx, wanted) is None:
            from difflib import get_close_matches

            close = get_close_matches(wanted, self.list_commands(ctx), 1)
            ctx.fail(f"There is no command {wanted!r}." + (f" Did you mean {close[0]!r}?" if close else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(entry.name, entry.help) for entry in self.lazy.values()]
        rows += [(name, each.get_short_help_str(100)) for name, each in self.commands.items() if name not in self.lazy]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_example(self.example, formatter)


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    own: list[tuple[str, str]] = []
    frame: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            everywhere = isinstance(param, _FrameOption) or param.name == "help"
            (frame if everywhere else own).append(record)
    for title, rows in (("Options", own), ("Everywhere", frame)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _write_example(example: str, formatter: click.HelpFormatter) -> None:
    with formatter.section("Example"):
        for line in example.splitlines():
            formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def command(name: str, *, example: str) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a top-level command; its docstring is the help, `example` one or more whole command lines."""

    def wrap(call: Callable[..., Any]) -> Command:
        return click.command(name, cls=Command, example=example)(call)

    return wrap


def group(name: str, help: str, *, example: str, lazy: Sequence[Lazy] = ()) -> Group:
    """Make a group; add commands with `@that.command("name", example="...")` or name them in `lazy`."""
    return Group(name, help=help, example=example, lazy=lazy, no_args_is_help=True)


def build(commands: Sequence[Lazy], *, version: str, example: str = "kouprey init --help") -> Group:
    """The `kouprey` command itself; showing its help imports no capability."""
    help = "Exchange cyber-threat intelligence under an agreement, with proof."
    root = Group("kouprey", help=help, example=example, lazy=commands, no_args_is_help=True)

    def show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value:
            click.echo(f"kouprey {version}")
            ctx.exit()

    root.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=show_version,
            help="Show the version.",
        )
    )
    return root


def walk(root: Group) -> Iterator[tuple[str, click.Command]]:
    """Every command below `root` with the words to call it, imported: for checks of the whole house."""
    ctx = click.Context(root, info_name=root.name)
    for name in root.list_commands(ctx):
        found = root.get_command(ctx, name)
        if found is not None:
            yield name, found
        if isinstance(found, Group):
            yield from ((f"{name} {rest}", each) for rest, each in walk(found))


def run(
    root: Group, args: Sequence[str], *, opener: Callable[[Invocation], AbstractContextManager[Services]] | None = None
) -> int:
    """Run a command line and return its exit code; every failure is told in words."""
    from kouprey.kernel.cli.failure import interrupted, tell, tell_unexpected, tell_usage, went_away

    invocation = Invocation(json="--json" in args, debug="--debug" in args, opener=opener)
    try:
        with root.make_context("kouprey", list(args), obj=invocation) as ctx:
            root.invoke(ctx)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as end:
        end.show()
        return end.exit_code
    except click.ClickException as error:
        return tell_usage(error, invocation.json)
    except KoupreyError as error:
        return tell(error, invocation.json)
    except (KeyboardInterrupt, EOFError, click.Abort):
        return interrupted()
    except BrokenPipeError:
        return went_away()
    except Exception as error:
        return tell_unexpected(error, invocation.json, invocation.debug)
    return 0
