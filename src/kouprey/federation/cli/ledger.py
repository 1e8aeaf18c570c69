"""Commands of the ledger: `kouprey ledger`."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.federation.cli.files import since_of, when
from kouprey.federation.rules import lane_tag
from kouprey.federation.service import Federation
from kouprey.federation.service.whole import written
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Unknown

ledger = group(
    "ledger",
    "What was given to whom and confirmed when, with proof.",
    example="kouprey ledger show --party cert.example",
)


# ledger


@ledger.command("show", example="kouprey ledger show --party cert.example")
@click.option("--party", default="", help="Only lanes to and from this party.")
def show(invocation: Invocation, party: str) -> None:
    """Every lane: what is in it, signed when, confirmed by whom; and what waits."""
    with invocation.node() as services:
        federation = services.get(Federation)
        lanes = federation.ledger.list_lanes(party=party)
        waiting = [each for each in federation.ledger.list_waiting() if not party or each.party == party]
    found = [
        {
            "lane": lane.tag[:12],
            "tag": lane.tag,
            "agreement": lane.title,
            "agreement_id": lane.agreement,
            "direction": "given" if lane.mine else "received",
            "author": lane.author,
            "class": lane.lane_class,
            "state": lane.state,
            "note": lane.note,
            "size": lane.size,
            "signed": lane.signed_size,
            "signed_at": when(lane.signed_at),
            "quarantined": lane.quarantined,
            "confirmed": [f"{each.party} {each.size} at {when(each.said_at)}" for each in lane.confirmations],
            "disowned": [f"{each.party} {each.size}, key revoked" for each in lane.disowned],
        }
        for lane in lanes
    ]
    if invocation.json:
        totals = [
            {"party": each.party, "waiting": each.total, "queued": each.queued, "papers": each.papers}
            for each in waiting
        ]
        invocation.out.result({"lanes": found, "waiting": totals}, "")
        return
    columns = {
        "lane": "Lane",
        "agreement": "Agreement",
        "direction": "Way",
        "author": "Author",
        "class": "Class",
        "state": "State",
        "size": "Entries",
        "signed_at": "Signed",
        "confirmed": "Confirmed",
    }
    invocation.out.table(found, columns, "There is no lane yet: publishing under an agreement opens one.")
    for each in waiting:
        invocation.out.note(f"{each.party}: {each.total} waiting" + (f", {each.papers} papers" if each.papers else ""))


@ledger.command("erasures", example="kouprey ledger erasures --party cert.example")
@click.option("--party", default="", help="Only lanes to and from this party.")
def erasures(invocation: Invocation, party: str) -> None:
    """What was asked to be erased, by us or by partners, and who says to have done it."""
    with invocation.node() as services:
        asked = services.get(Federation).ledger.list_asked(party=party, most=1000)
    found = [
        {
            "lane": each.tag[:12],
            "entry": each.number,
            "author": each.author,
            "asked_at": when(each.at),
            "erased": [f"{who} at {at}" for who, at in each.erased],
            "kept": [f"{who} at {at}" for who, at in each.kept],
            "outstanding": list(each.outstanding),
        }
        for each in asked
    ]
    columns = {
        "lane": "Lane",
        "entry": "Entry",
        "author": "Author",
        "asked_at": "Asked",
        "erased": "Erased by",
        "kept": "Kept by",
        "outstanding": "Nothing heard of",
    }
    invocation.out.table(found, columns, "Nothing was asked to be erased.")


@ledger.command("prove", example="kouprey ledger prove 605ac5c0093b:7 -o entry.tlog-proof")
@click.argument("entry", metavar="TAG:N")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file.")
@click.option("--without-content", is_flag=True, help="Prove that there is such an entry, and not what it says.")
def prove(invocation: Invocation, entry: str, output: Path, without_content: bool) -> None:
    """Write the proof of one entry into a file that verifies offline; TAG is the beginning of its lane's tag."""
    with invocation.node() as services:
        federation = services.get(Federation)
        chosen = since_of([entry], [(lane.tag, lane.tag) for lane in federation.ledger.list_lanes()])
        ((tag, number),) = chosen.items()
        made = federation.proofs.prove(tag, number, content=not without_content)
    with written(output) as out:
        out.write(made)
    said = {"file": str(output), "lane": tag, "entry": number, "bytes": len(made)}
    invocation.out.result(said, f"{output}: {len(made)} bytes; verify it with examples/verify_proof.py --card CARD.")


@ledger.command("evidence", example="kouprey ledger evidence 605ac5c0093b -o author.fork")
@click.argument("tag", required=False, default="")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the proof about lane TAG here.")
def evidence(invocation: Invocation, tag: str, output: Path | None) -> None:
    """Who is proven to have signed two histories of one lane; the proof as a file anybody can verify."""
    with invocation.node() as services:
        held = services.get(Federation).evidence
        found = [
            {
                "lane": lane_tag(stored.origin),
                "author": stored.author,
                "found_by": stored.found_by,
                "at": when(stored.at),
                "first": " ".join(said.checkpoint_a.split("\n")[1:3]),
                "second": " ".join(said.checkpoint_b.split("\n")[1:3]),
            }
            for stored, said in held.list_proven()
            if lane_tag(stored.origin).startswith(tag)
        ]
        made = held.export_by_tag("", str(found[0]["lane"])) if output is not None and len(found) == 1 else b""
    if output is None:
        columns = {"lane": "Lane", "author": "Author", "found_by": "Found by", "at": "Found", "first": "First"}
        invocation.out.table(found, {**columns, "second": "Second"}, "Nothing is proven against anybody.")
        return
    if not made:
        raise Unknown(
            f"{tag[:40]!r} names no lane with a proof.",
            f"{len(found)} begin so.",
            "`kouprey ledger evidence` lists them.",
            code="unknown-lane",
        )
    with written(output) as out:
        out.write(made)
    said = {"file": str(output), **found[0]}
    invocation.out.result(said, f"{output}: {len(made)} bytes; verify it with examples/verify_proof.py.")


@ledger.command("export", example="kouprey ledger export ledger.jsonl --agreement agr_0123456789abcdef0123456789abcdef")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--agreement", required=True, help="Its id, or the beginning of its id or title.")
def export(invocation: Invocation, file: Path, agreement: str) -> None:
    """Write a ledger anybody can verify; it holds what was exchanged, so keep it as safe as that."""
    with invocation.node() as services, written(file) as out:
        federation = services.get(Federation)
        chosen = federation.agreements.find_by_prefix(agreement)
        for line in federation.ledger.export(chosen):
            out.write(line)
    said = {"file": str(file), "agreement": chosen, "bytes": file.stat().st_size}
    invocation.out.result(said, f"{file}: {said['bytes']} bytes; verify it with examples/verify_ledger.py.")
