"""Failures on the command line: what happened, why and the remedy, for people or for programs."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

import click

from kouprey.kernel.cli.output import plain
from kouprey.kernel.words.errors import KoupreyError, rests

USAGE = 2
UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h."""
INTERRUPTED = 130
"""128 + SIGINT, as shells expect."""


def tell(error: KoupreyError, as_json: bool) -> int:
    """Print the three lines (or one JSON object) on stderr; the exit code."""
    _print(error, as_json)
    return error.exit_code


def tell_usage(error: click.ClickException, as_json: bool) -> int:
    """A command line that cannot be understood; exit code 2."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    remedy = f"See {ctx.command_path} --help." if ctx is not None else ""
    _print(KoupreyError("The command was not understood.", error.format_message(), remedy, code="usage"), as_json)
    return USAGE


def tell_unexpected(error: Exception, as_json: bool, debug: bool) -> int:
    """A bug: says so, keeps the trace in a file only this user can read; exit code 70."""
    trace = "".join(traceback.format_exception(error))
    if debug:
        sys.stderr.write(trace)
    handle, path = tempfile.mkstemp(prefix="kouprey-trace-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(trace)
    told = KoupreyError(
        "Something failed that should not.",
        f"This is a bug in Kouprey ({type(error).__name__}); its trace is in {path}.",
        "Report it with that file, or run again with --debug to see the trace.",
        code="bug",
        detail={"trace": path},
    )
    _print(told, as_json)
    return UNEXPECTED


def interrupted() -> int:
    """Ctrl-C: quiet."""
    sys.stderr.write("\n")
    return INTERRUPTED


def went_away() -> int:
    """The reader of our output is gone (`| head`): quiet; 128 + SIGPIPE."""
    # Python flushes stdout once more at exit and would complain there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _print(error: KoupreyError, as_json: bool) -> None:
    if as_json:
        import msgspec

        shown = {"code": error.code, "what": error.what, "why": error.why, "remedy": error.remedy}
        if error.detail:
            shown["detail"] = error.detail  # type: ignore[assignment]  # one object of mixed values
        sys.stderr.write(msgspec.json.encode(shown, enc_hook=str).decode() + "\n")
        return
    lines = (("Error:", error.what, "red"), ("Why:", error.why, ""), ("Under:", rests(error), ""))
    for label, text, colour in (*lines, ("Remedy:", error.remedy, "")):
        if text:
            click.echo(f"{click.style(label.ljust(7), fg=colour or None, bold=True)} {plain(text)}", err=True)
