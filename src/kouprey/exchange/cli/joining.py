"""The part of `kouprey publish` that gives to a party what was given to the others before it joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import click
import msgspec

from kouprey.agreements.model.citing import with_ways
from kouprey.agreements.service import Agreements
from kouprey.exchange.model.joining import GivenBefore, HandedOn
from kouprey.exchange.model.publishing import RuleGround
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.days import begin_of
from kouprey.kernel.cli.frame import Invocation
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import Instant

_BY = "operator"


class Before(NamedTuple):
    """What was asked for: `since` is a day or "", and with `dry_run` nothing is given."""

    party: str
    since: str
    dry_run: bool


def give(invocation: Invocation, agreement: str, asked: Before, given_before: bool, chosen: bool) -> None:
    """Give it, or say what would go; the exit code is 6 when nothing could. `chosen`: objects were named as well."""
    if not given_before or not asked.party or chosen:
        raise Damaged(
            "It is not clear what to give.",
            "--to, --since and --dry-run go with --given-before, which needs --to and names the objects by itself.",
            "`kouprey publish --agreement AGREEMENT --given-before --to PARTY`",
            code="given-before",
        )
    since = _instant(asked.since)
    with invocation.node() as services:
        exchange, found = services.get(Exchange), services.get(Agreements).find_by_prefix(agreement)
        who = exchange.operator()
        if asked.dry_run:
            seen = exchange.foresee_before(who, found, asked.party, since=since)
            invocation.out.result(msgspec.to_builtins(seen), lambda: _foreseen(seen))
            return
        with invocation.out.progress(f"Giving to {asked.party}", None) as tell:
            made = exchange.give_before(who, found, asked.party, by=_BY, since=since, tell=tell)
    invocation.out.result(msgspec.to_builtins(made), lambda: _handed(made))
    if made.report.refused and not (made.report.queued or made.report.already or made.report.waiting):
        raise click.exceptions.Exit(Refused.exit_code)


def _instant(text: str) -> Instant:
    try:
        return begin_of(text) if text else 0
    except (ValueError, OverflowError) as error:
        raise Damaged(f"{text[:40]!r} is no day.", remedy="Write it as in 2026-11-22.", code="bad-day") from error


def _foreseen(seen: GivenBefore) -> str:
    if not seen.found:
        return f"{seen.party} lacks nothing of what was given to the others and still stands."
    lines = [
        f"{seen.party} lacks {seen.found:,}{' or more' if seen.beyond else ''} objects. Of the {seen.looked:,} looked"
        f" at, {seen.goes} would go, {seen.waits} would ask for release, {seen.held} are held back,"
        f" {seen.pruned} would go without some of their references."
    ]
    if seen.hinders:
        lines.append(seen.hinders)
    lines += [f"  {each.type}: {each.goes} of {each.found} would go" for each in seen.types]
    return "\n".join([*lines, *_grounds(seen.waiting), *_grounds(seen.grounds)])


def _handed(made: HandedOn) -> str:
    report = made.report
    lines = [
        f"{len(report.queued)} queued for {made.party}, {len(report.already)} not ours to give,"
        f" {len(report.refused)} refused, {len(report.pruned)} without some of their references."
    ]
    if report.waiting:
        lines.append(f"{len(report.waiting)} wait until they are released.")
    if report.waits_because:
        lines.append(report.waits_because)
    return "\n".join([*lines, *_grounds(made.waiting), *_grounds(made.grounds)])


def _grounds(grounds: Sequence[RuleGround]) -> list[str]:
    return [
        f"  {ground.count}: {' '.join(map(with_ways, ground.because))} For example"
        f" {ground.samples[0].title or ground.samples[0].stix_id}."
        for ground in grounds
    ]
