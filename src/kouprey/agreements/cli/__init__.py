"""Commands about agreements."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kouprey.agreements.cli.lines import ceiling_line, further_lines, narrowed_line
from kouprey.agreements.model import KINDS, PURPOSES, Onward, Standing, State, Terms, Version
from kouprey.agreements.service import Agreements
from kouprey.agreements.wire.memorandum import FILE_MAX, ORDER, Memorandum, get_template, parse_memorandum
from kouprey.kernel.cli.frame import Invocation, Lazy, group
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import SECOND, Instant, format_second, parse_instant
from kouprey.kernel.words.tlp import TLP, parse_tlp

_BY = "operator"
_TEXT_MAX = 512 * 1024
_LEVEL = click.Choice([level.word for level in TLP], case_sensitive=False)
_STANDARD = Terms()
_DAY = 86_400 * SECOND

agreement = group(
    "agreement",
    "Draft, propose, sign, show and suspend agreements.",
    example='kouprey agreement draft --title "Exchange" --with operator.example --tlp amber',
    lazy=[
        Lazy(name, f"kouprey.agreements.cli.sides:{attribute}", help)
        for name, attribute, help in (
            ("tighten", "tighten", "Tighten it for our part, at once and alone."),
            ("comment", "comment", "Say something about the newest version to all its parties."),
            ("decline", "decline", "Say that we will not sign the newest version, and why."),
            ("comments", "comments", "Show what the parties have said."),
            ("changes", "show_changes", "Show the clauses in which two versions differ."),
            ("leave", "leave", "Leave for good; among the others it goes on."),
            ("officers", "officers", "Say whether one person signs alone or two."),
        )
    ],
)


@agreement.command(
    "draft",
    example='kouprey agreement draft --title "Exchange" --with operator.example --tlp amber --purpose protection'
    " --ends 2028-01-01 --text-file en=memorandum.txt",
)
@click.option("--title", help="What people call it; a template or a file of terms may bring one.")
@click.option("--with", "parties", metavar="PARTY", multiple=True, required=True, help="Another party; repeatable.")
@click.option("--tlp", type=_LEVEL, help=f"Ceiling of what is shared; {_STANDARD.tlp_ceiling} when not said.")
@click.option("--type", "types", type=click.Choice(KINDS), multiple=True, help="Kind of information; repeatable.")
@click.option("--purpose", "purposes", type=click.Choice(PURPOSES), multiple=True, help="What it is for; repeatable.")
@click.option(
    "--onward",
    type=click.Choice([str(onward) for onward in Onward]),
    help=f"How far a receiver may pass it on; {_STANDARD.onward} when not said.",
)
@click.option("--starts", metavar="DAY", help="First day, as 2026-12-01; without it, now.")
@click.option("--ends", metavar="DAY", help="Day on which it is over; without it, no end.")
@click.option("--text-file", "texts", metavar="LANG=FILE", multiple=True, help="The words agreed on; repeatable.")
@click.option("--terms-file", metavar="FILE", help="All clauses, in TOML or JSON; options given beside it win.")
@click.option("--template", type=click.Choice(ORDER), help="Begin with a memorandum, for your counsel to read.")
@click.option("--amends", metavar="AGREEMENT", help="Write the next version of this one.")
@click.option("--propose", "at_once", is_flag=True, help="Sign it at once and send it to the other parties.")
@click.option("--yes", is_flag=True, help="With --propose: do not ask.")
def draft(
    call: Invocation,
    title: str | None,
    parties: tuple[str, ...],
    tlp: str | None,
    types: tuple[str, ...],
    purposes: tuple[str, ...],
    onward: str | None,
    starts: str | None,
    ends: str | None,
    texts: tuple[str, ...],
    terms_file: str | None,
    template: str | None,
    amends: str | None,
    at_once: bool,
    yes: bool,
) -> None:
    """Write an agreement. Nothing leaves the node before it is proposed."""
    base = _begin(terms_file, template)
    terms = msgspec.structs.replace(
        base.terms,
        tlp_ceiling=parse_tlp(tlp).word if tlp else base.terms.tlp_ceiling,
        types=tuple(sorted(set(types))) or base.terms.types,
        purposes=tuple(sorted(set(purposes))) or base.terms.purposes,
        onward=onward or base.terms.onward,
    )
    title = title or base.title.get("en") or next(iter(base.title.values()), "")
    if not title:
        raise Damaged("The agreement has no title.", "", "Write --title.", code="no-title")
    text = {language: words.strip() for language, words in base.text.items()} | dict(map(_read_text, texts))
    with call.node() as services:
        agreements = services.get(Agreements)
        version = agreements.draft(
            title,
            parties,
            terms,
            starts=(begin := _read_day(starts) if starts else agreements.now()),
            ends=format_second(_read_day(ends) if ends else begin + base.days * _DAY) if ends or base.days else "",
            text=text,
            groups=base.groups,
            members=base.members,
            contacts=base.contacts,
            amends=agreements.find_by_prefix(amends) if amends else "",
            by=_BY,
        )
        if not at_once:
            _tell(call, agreements, version, f"Drafted. To propose it: kouprey agreement propose {version.agreement}")
            return
    _sign(call, version.agreement, yes, drafts=True)


def _begin(file: str | None, template: str | None) -> Memorandum:
    """What a draft begins with: a file of terms, a template, or the terms of every agreement."""
    if template:
        return get_template(template)
    if not file:
        return Memorandum()
    try:
        with Path(file).open("rb") as opened:
            return parse_memorandum(opened.read(FILE_MAX + 1))
    except OSError as error:
        remedy = "Write --terms-file FILE."
        raise Unknown(f"{file[:120]!r} cannot be read.", error.strerror or "", remedy, code="no-file") from error


def _read_day(text: str) -> Instant:
    try:
        return parse_instant(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError as error:
        raise Damaged(f"{text[:40]!r} is not a day.", str(error), "Write it as 2026-12-01.", code="bad-day") from error


def _read_text(option: str) -> tuple[str, str]:
    language, _, file = option.partition("=")
    try:
        if Path(file).stat().st_size > _TEXT_MAX:
            raise Damaged(f"{file[:120]!r} is too long.", f"At most {_TEXT_MAX} bytes are signed.", code="too-large")
        return language, Path(file).read_text("utf-8")
    except OSError as error:
        remedy = "Write --text-file as en=memorandum.txt."
        raise Unknown(f"{file[:120]!r} cannot be read.", error.strerror or "", remedy, code="no-file") from error
    except UnicodeDecodeError as error:
        raise Damaged(f"{file[:120]!r} is not UTF-8 text.", str(error), "Save it as UTF-8.", code="bad-text") from error


@agreement.command("propose", example="kouprey agreement propose AGREEMENT")
@click.argument("name", metavar="AGREEMENT")
@click.option("--yes", is_flag=True, help="Do not ask.")
def propose(call: Invocation, name: str, yes: bool) -> None:
    """Sign our draft with the root key and send it to the other parties."""
    _sign(call, name, yes, drafts=True)


@agreement.command("sign", example="kouprey agreement sign AGREEMENT")
@click.argument("name", metavar="AGREEMENT")
@click.option("--yes", is_flag=True, help="Do not ask.")
def sign(call: Invocation, name: str, yes: bool) -> None:
    """Read what another party proposes, and sign it with the root key."""
    _sign(call, name, yes, drafts=False)


def _sign(call: Invocation, name: str, yes: bool, *, drafts: bool) -> None:
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.find_by_prefix(name)
        pending = [version for version in agreements.list_signable(found) if version.draft is drafts]
        if not pending:
            missing, instead = ("draft", "sign") if drafts else ("proposal of others", "propose")
            raise Refused(
                f"There is no {missing} to sign.",
                f"`kouprey agreement show {found}` says where it stands.",
                f"`kouprey agreement {instead}` is for the other case.",
                code="nothing-to-sign",
            )
        version = pending[-1]
        call.out.note(_as_text(version, None, agreements.now()))
        call.out.confirm("Sign this in the name of our party?", yes=yes)
        # Exactly what was shown is signed, whatever has arrived meanwhile.
        signed = agreements.sign(found, by=_BY, note_sha256=version.note_sha256)
        if agreements.get_standing(found).home in signed.missing:
            _tell(call, agreements, signed, "Prepared. A second officer signs it, on the page of the agreement.")
            return
        awaited = f"Awaited: {', '.join(signed.missing)}." if signed.missing else "All parties have signed."
        _tell(call, agreements, signed, f"Signed. {awaited}")


@agreement.command("show", example="kouprey agreement show AGREEMENT")
@click.argument("name", metavar="AGREEMENT")
@click.option("--version", "number", type=click.IntRange(1), help="Another version than the one that counts now.")
def show(call: Invocation, name: str, number: int | None) -> None:
    """Read an agreement: its clauses, who has signed, and where it stands."""
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.find_by_prefix(name)
        version = agreements.get_current(found)
        if number is not None:
            several = [each for each in agreements.list_versions(found) if each.number == number]
            if not several:
                raise Unknown(f"There is no version {number}.", "", f"`kouprey agreement show {found}`", code="unknown")
            version = several[-1]
        _tell(call, agreements, version, None)


@agreement.command("list", example="kouprey agreement list")
def list_agreements(call: Invocation) -> None:
    """Show all agreements, where they stand and whose signature is missing."""
    with call.node() as services:
        agreements = services.get(Agreements)
        rows = [
            _as_row(agreements.get_current(standing.agreement), standing, agreements.now())
            for standing in agreements.standings().values()
        ]
    columns = {"agreement": "Agreement", "title": "Title", "state": "State", "parties": "Parties", "missing": "Awaited"}
    call.out.table(rows, columns, empty="No agreements yet: `kouprey agreement draft --help`.")


@agreement.command("suspend", example="kouprey agreement suspend AGREEMENT")
@click.argument("name", metavar="AGREEMENT")
def suspend(call: Invocation, name: str) -> None:
    """Stop sharing under an agreement, at once and alone; the other parties are told."""
    _set_suspended(call, name, suspended=True)


@agreement.command("resume", example="kouprey agreement resume AGREEMENT")
@click.argument("name", metavar="AGREEMENT")
def resume(call: Invocation, name: str) -> None:
    """Take our own suspension back."""
    _set_suspended(call, name, suspended=False)


def _set_suspended(call: Invocation, name: str, *, suspended: bool) -> None:
    with call.node() as services:
        agreements = services.get(Agreements)
        standing = agreements.suspend(agreements.find_by_prefix(name), suspended=suspended, by=_BY)
        version = agreements.get_current(standing.agreement)
        row = _as_row(version, standing, agreements.now())
    by = f", suspended by {', '.join(standing.suspended_by)}" if standing.suspended_by else ""
    call.out.result(row, f"{standing.title} is {row['state']}{by}.")


@agreement.command("discard", example="kouprey agreement discard AGREEMENT")
@click.argument("name", metavar="AGREEMENT")
def discard(call: Invocation, name: str) -> None:
    """Forget our drafts of an agreement; what anybody has signed is kept."""
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.find_by_prefix(name)
        count = agreements.discard(found, by=_BY)
    call.out.result({"agreement": found, "discarded": count}, f"{count} discarded.")


def _tell(call: Invocation, agreements: Agreements, version: Version, said: str | None) -> None:
    """Answer with a version; people read it in full unless there is something shorter to say."""
    now = agreements.now()
    standing = agreements.get_standing(version.agreement)
    counts = standing if standing.note_sha256 == version.note_sha256 else None
    call.out.result(_as_row(version, counts, now), said or (lambda: _as_text(version, counts, now)))


def _state(version: Version, standing: Standing | None, now: Instant) -> State:
    """Where a version stands; `standing` is that of the agreement when this version counts."""
    if standing is not None:
        return standing.state(now)
    if not version.missing:
        return State.NOT_YET if version.in_force_from > now else State.SUPERSEDED
    return State.DRAFT if version.draft else State.PROPOSED


def _as_row(version: Version, standing: Standing | None, now: Instant) -> dict[str, object]:
    terms = version.document.terms
    return {
        "agreement": version.agreement,
        "title": version.document.title,
        "version": version.number,
        "state": str(_state(version, standing, now)),
        "parties": list(version.party_ids),
        "signed": list(version.signers),
        "missing": list(version.missing),
        "suspended_by": list(standing.suspended_by) if standing else [],
        "left": list(standing.left) if standing else [],
        "tightened_by": [each.party for each in standing.narrowed] if standing else [],
        "tlp_ceiling": terms.tlp_ceiling,
        "types": list(terms.types),
        "purposes": list(terms.purposes),
        "onward": terms.onward,
        "retention_days": terms.retention_days,
        "erasure_days": terms.erasure_days,
        "starts": terms.starts,
        "ends": terms.ends,
        "text": version.document.text,
        "note_sha256": version.note_sha256.hex(),
    }


def _as_text(version: Version, standing: Standing | None, now: Instant) -> str:
    """The agreement as people read it, with the clause numbers that decisions cite."""
    document, terms = version.document, version.document.terms
    ends = f"until {terms.ends}" if terms.ends else "without end"
    suspended = ", ".join(standing.suspended_by) if standing and standing.suspended_by else "nobody"
    lines = [
        document.title,
        f"{version.agreement}, version {version.number}: {_state(version, standing, now)}",
        "",
        " 1. Parties: " + "; ".join(f"{each.name or each.id} ({each.id})" for each in document.parties) + ".",
        f" 2. Highest marking: {ceiling_line(parse_tlp(terms.tlp_ceiling), TLP.RED)}.",
        f" 3. Types: {', '.join(terms.types)}.",
        f" 4. Purposes: {', '.join(terms.purposes)}.",
        f" 5. Onward release: {_ONWARD[Onward(terms.onward)]}",
        f" 6. Retention: {terms.retention_days} days.",
        f" 7. Erasure: within {terms.erasure_days} days of a request.",
        f" 8. Quotas: {terms.quotas.entries_day:,} entries and {terms.quotas.bytes_day:,} bytes a day from each party,"
        f" {terms.quotas.body_max:,} bytes in one body.",
        f" 9. Dates: from {terms.starts} {ends}; this version from {format_second(version.in_force_from)}.",
        f"10. Suspension: each party alone, at once. Suspended by: {suspended}.",
        *further_lines(document),
        *(f"    Tightened by {each.party}: {narrowed_line(each)}" for each in (standing.narrowed if standing else ())),
        "",
        *(f"{'Signed' if each in version.signers else 'Awaited':<8} {each}" for each in version.party_ids),
    ]
    for language, words in sorted(document.text.items()):
        lines += ["", f"Text ({language}):", words.rstrip()]
    return "\n".join(lines)


_ONWARD = {
    Onward.NONE: "none; what is received stays with its receiver.",
    Onward.MEMBERS: "to the other parties of this agreement, up to TLP:AMBER.",
    Onward.COMMUNITY: "to these parties up to TLP:AMBER, and under other agreements up to TLP:GREEN.",
}
