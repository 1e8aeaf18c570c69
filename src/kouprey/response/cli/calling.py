"""Commands about requests of steps."""

from __future__ import annotations

import click

from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.response.service import Calling, HandOffs


@command("call", example="kouprey case call item_3f9a --set who=cert.example --send")
@click.argument("task")
@click.option(
    "--number", type=click.IntRange(1, 1_000), default=1, show_default=True, help="Which request of the task."
)
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="What fills a variable.")
@click.option("--send", is_flag=True, help="Let it go; else it is only shown.")
def send_call(call: Invocation, task: str, number: int, values: tuple[str, ...], send: bool) -> None:
    """Show the request of a step letter for letter, and with --send let it go, once."""
    given = dict(map(_pair, values))
    with call.node() as services:
        calling, who = services.get(Calling), services.get(HandOffs).operator()
        seen = calling.look(who, task, number - 1, given)
        letter = "\n".join(
            [f"{seen.sent.method} {seen.sent.url}", *(f"{name}: {value}" for name, value in seen.sent.headers)]
            + (["", seen.sent.content] if seen.sent.content else [])
        )
        if not send:
            bar = "" if seen.bar is None else " ".join(seen.bar[1:])
            told = {
                "request": letter,
                "bar": bar,
                "wanted": list(seen.wanted),
                "known": dict(seen.known),
                "two_persons": seen.third,
            }
            call.out.result(told, "\n".join(filter(None, (letter, bar, "Nothing was sent; --send does."))))
            return
        made = calling.send(who, task, number - 1, digest=seen.sent.digest, newest=seen.newest, values=given)
    if made.error:
        raise Refused(
            f"{made.sent.method} {made.sent.url}: {made.error}",
            "It may have been carried out all the same." if made.left else "Nothing has left.",
            "Look at the case before you send it again.",
            code="call-failed",
            detail={"status": made.status, "evidence": made.evidence},
        )
    call.out.result(
        {"status": made.status, "evidence": made.evidence}, f"Answered with {made.status}: {made.evidence}."
    )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip("_"):
        raise Damaged("A value cannot be read.", text[:100], "Write it as --set NAME=VALUE.", code="bad-value")
    return f"__{name.strip('_')}__", value
