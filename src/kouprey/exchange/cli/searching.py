"""The commands that search, keep searches, and walk from an object to its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
import msgspec

from kouprey.exchange.model import Filters, Findings, Head, Neighbourhood
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.saving import MOST_NEWS
from kouprey.exchange.service.searching import DEEPEST, MOST_NODES
from kouprey.exchange.wire.days import from_day, to_day
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import Instant, format_second
from kouprey.kernel.words.tlp import TLP, parse_tlp

_BY = "operator"
_MOST = 1_000


@command("search", example='kouprey search "control server" --type indicator --since 2026-11-01')
@click.argument("text", nargs=-1)
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Objects of this STIX type; may be repeated.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Said by this source; may be repeated.")
@click.option("--tlp", "levels", multiple=True, metavar="LEVEL", help="Under this marking; may be repeated.")
@click.option("--since", default="", metavar="DAY", help="Came in on this day (UTC) or later, as in 2026-11-22.")
@click.option("--until", default="", metavar="DAY", help="Came in on this day (UTC) or earlier.")
@click.option("--collection", default="", metavar="NAME", help="Members of this collection.")
@click.option("--findings", type=click.Choice(["", "any", "must"]), default="", help="With findings of the standard.")
@click.option("--revoked/--not-revoked", default=None, help="Only what is revoked, or only what is not.")
@click.option("--conflict", is_flag=True, help="Only with conflicting bodies.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, _MOST), help="Objects to show.")
@click.option("--saved", default="", metavar="NAME", help="Run a saved search instead, and say what is new in it.")
@click.option("--save", default="", metavar="NAME", help="Keep this search under a name.")
@click.option("--shared", is_flag=True, help="With --save: for everybody on the node.")
def search(
    invocation: Invocation,
    text: Sequence[str],
    types: Sequence[str],
    sources: Sequence[str],
    levels: Sequence[str],
    since: str,
    until: str,
    collection: str,
    findings: Findings,
    revoked: bool | None,
    conflict: bool,
    limit: int,
    saved: str,
    save: str,
    shared: bool,
) -> None:
    """Find objects, newest news first.

    All words must be there; "a phrase" (quoted for the shell once more) stands together, begin* is the beginning of a
    word, an id finds its object. The exit code is 4 when nothing fits. Running a saved search counts as looking at it.
    """
    wanted = Search(
        text=" ".join(text),
        types=tuple(types),
        collection=collection,
        filters=Filters(
            sources=tuple(sources),
            levels=_levels(levels),
            since=_day(since, from_day),
            until=_day(until, to_day),
            conflict=conflict,
            revoked=revoked,
            findings=findings,
        ),
    )
    if saved and (wanted != Search() or save):
        raise Damaged(
            "A saved search has its own words and filters.", remedy="Leave out one or the other.", code="two-searches"
        )
    with invocation.node() as services:
        answer, heads, more = _run(services.get(Exchange), wanted, limit, saved=saved, save=save, shared=shared)
    invocation.out.result(answer, lambda: "\n".join(_lines(heads, more, answer.get("new"))) or "Nothing fits.")
    if not heads:
        raise click.exceptions.Exit(Unknown.exit_code)


def _run(
    exchange: Exchange, wanted: Search, limit: int, *, saved: str, save: str, shared: bool
) -> tuple[dict[str, object], Sequence[Head], bool]:
    who = exchange.operator()
    kept = exchange.get_saved(who, saved, by=_BY) if saved else None
    wanted = kept.search if kept else wanted
    # Before the list, so that whatever comes between the two is still new the next time.
    newest = exchange.newest(who, collection=wanted.collection)
    page = exchange.list_objects(
        who,
        collection=wanted.collection,
        types=wanted.types,
        text=wanted.text,
        filters=wanted.filters,
        limit=limit,
    )
    answer: dict[str, object] = {"objects": [_row(head) for head in page.heads], "more": page.more}
    if kept:
        news = exchange.count_news(who, [kept], by=_BY)[kept.id]
        exchange.mark_looked(who, kept.id, newest, by=_BY)
        answer |= {"new": news.count, "more_new": news.more}
    if save:
        exchange.save_search(who, save, wanted, by=_BY, shared=shared, looked=newest)
    return answer, page.heads, page.more


def _levels(texts: Sequence[str]) -> tuple[TLP, ...]:
    try:
        return tuple(parse_tlp(text) for text in texts)
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), code="bad-tlp") from error


def _day(text: str, read: Callable[[str], Instant]) -> Instant | None:
    if not text:
        return None
    try:
        return read(text)
    except (ValueError, OverflowError) as error:
        raise Damaged(f"{text[:40]!r} is no day.", remedy="Write it as in 2026-11-22.", code="bad-day") from error


def _row(head: Head) -> dict[str, object]:
    return {
        "id": head.stix_id,
        "type": head.type,
        "title": head.title,
        "version": head.version_text,
        "came_in": format_second(head.position),
        "tlp": head.tlp.word,
        "sources": list(head.sources),
        "revoked": head.revoked,
        "conflict": head.conflict,
        "breaks_the_standard": head.musts > 0,
    }


def _lines(heads: Sequence[Head], more: bool, new: object) -> list[str]:
    lines = []
    if new is not None:
        lines.append(f"{new}{'+' if new == MOST_NEWS else ''} new since you last looked.")
    for head in heads:
        marks = "".join([", revoked" if head.revoked else "", ", conflict" if head.conflict else ""])
        said = f"{format_second(head.position)[:10]}  {TLP(head.tlp).text}  {', '.join(head.sources)}{marks}"
        lines.append(f"{head.stix_id}  {head.title}\n  {said}")
    return lines + (["There are more; narrow the search, or raise --limit."] if more else [])


@command("neighbours", example="kouprey neighbours malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --depth 2")
@click.argument("stix_id", metavar="ID")
@click.option("--depth", default=1, show_default=True, type=click.IntRange(1, DEEPEST), help="Steps to walk.")
@click.option(
    "--limit", default=MOST_NODES, show_default=True, type=click.IntRange(1, MOST_NODES), help="Objects to meet."
)
def neighbours(invocation: Invocation, stix_id: str, depth: int, limit: int) -> None:
    """What an object is related with, step by step: by relationships, and by references in properties."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        near = exchange.neighbours(exchange.operator(), stix_id, depth=depth, limit=limit)
        title = exchange.get_object(exchange.operator(), stix_id).title
    invocation.out.result(msgspec.to_builtins(near), lambda: "\n".join(_near_lines(stix_id, title, near)))


def _near_lines(start: str, title: str, near: Neighbourhood) -> list[str]:
    if not near.nodes:
        return ["It is related with nothing that is held here."]
    titles = dict.fromkeys((start, *near.same), title) | {node.stix_id: node.title for node in near.nodes}
    lines = [f"{node.distance}  {node.stix_id}  {node.title}" for node in near.nodes]
    lines += [f"{titles[each.source]} {each.word} {titles[each.target]}" for each in near.relations]
    return lines + (["There are more than the limit lets through."] if near.more else [])
