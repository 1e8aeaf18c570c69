"""The one judge of every layer: what was acknowledged, where it is now, and who may have known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

from faults.nodes import CANARY, Node
from faults.town import PARTIES, Published, Town
from kouprey.federation import store as rows
from kouprey.kernel.words.tlp import parse_tlp

Place = tuple[rows.Lane, rows.StoredEntry]


@dataclass
class Held:
    """What one node has at the end."""

    node: Node
    own: dict[str, list[Place]] = field(default_factory=dict)
    lanes: dict[str, rows.Lane] = field(default_factory=dict)
    headers: dict[str, list[bytes]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    quarantined: dict[tuple[str, int], str] = field(default_factory=dict)
    canaries: dict[str, tuple[str, int]] = field(default_factory=dict)
    got: dict[str, int] = field(default_factory=dict)
    false: list[str] = field(default_factory=list)


def look(node: Node) -> Held:
    """Everything of a node, read from its database."""
    held = Held(node, got=node.got())
    for lane in node.lanes_held():
        held.lanes[lane.origin] = lane
        entries = node.entries(lane)
        held.headers[lane.origin] = [bytes(each.header) for each in entries]
        for each in entries:
            made = sha256(b"KC01" + each.salt + each.body).digest()
            if each.state == rows.HELD and made != bytes(each.header)[32:]:
                held.false.append(f"{lane.origin} {each.index}")
            for name in CANARY.findall(each.body):
                held.canaries[name.decode()] = (lane.origin, each.index)
                if lane.mine:
                    held.own.setdefault(name.decode(), []).append((lane, each))
    with node.store.read() as reader:
        for (body,) in reader.all("SELECT body FROM lane_outgoing"):
            held.waiting |= {name.decode() for name in CANARY.findall(body)}
        for origin, index, code in reader.all(
            "SELECT origin, entry_index, code FROM quarantine JOIN lane ON lane.id = quarantine.lane_id"
        ):
            held.quarantined[origin, int(index)] = str(code)
    return held


def judge(town: Town) -> tuple[Counter[str], int]:
    """Writes what was broken into the town; what lies beyond today's promises, by kind, and what was delivered."""
    held = {party: look(node) for party, node in town.nodes.items()}
    beyond: Counter[str] = Counter()
    delivered = sum(arrived(town, held, each, beyond) for each in town.published.values())
    for one in held.values():
        for place in one.false:
            town.broken(f"{one.node.party} holds a body that its header does not commit to: {place}")
        once(town, one)
        accused(town, one, beyond)
        confirmed(town, one, held)
        kept_back(town, one)
        if one.node.lanes.halted:
            town.broken(f"{one.node.party} signs nothing more: {one.node.lanes.halted}")
    agreed(town)
    one_history(town, held)
    at_rest(town, held)
    return beyond, delivered


def arrived(town: Town, held: dict[str, Held], each: Published, beyond: Counter[str]) -> int:
    """Everything acknowledged is at its author and at everybody it is for; how many have it."""
    if not each.number or each.erasing or each.hostile:
        return 0
    author = held[each.author]
    places = author.own.get(each.canary, [])
    standing = author.node.agreements.standings()[each.agreement]
    if not places and each.canary not in author.waiting:
        if each.canary not in town.gone.get(each.author, ()):
            # Only what was on no copy that was put back may be missing.
            town.broken(f"{each.author} lost {each.canary}, which it had acknowledged")
        else:
            for party, one in held.items():
                origin, _ = one.canaries.get(each.canary, ("", 0))
                if origin:
                    town.broken(f"{each.author} never took back {each.canary}, which {party} holds")
            beyond["went with its author's disk"] += 1
        return 0
    away = set(standing.left)
    if each.author in away or not set(standing.parties) - away - {each.author}:
        return 0
    if not places:
        town.broken(f"{each.canary} still waits at {each.author}, and nothing stands in its way")
        return 0
    return sum(_at(town, held, each, places, party, beyond) for party in _audience(places) - away - {each.author})


def _audience(places: list[Place]) -> set[str]:
    return {party for lane, _ in places for party in lane.audience}


def _at(
    town: Town, held: dict[str, Held], each: Published, places: list[Place], party: str, beyond: Counter[str]
) -> int:
    there = held[party]
    if each.canary in there.got:
        return 1
    terms = [one.node.agreements.standings().get(each.agreement) for one in (held[each.author], there)]
    if any(one is not None and {party, each.author} & set(one.left) for one in terms):
        return 0  # Nothing is owed by, or to, whoever has left.
    if any(one is None or party not in one.parties or each.tlp > parse_tlp(one.terms.tlp_ceiling) for one in terms):
        return 0  # Tightened before it arrived: what may not be given any more is not missing.
    for lane, entry in places:
        theirs = there.lanes.get(lane.origin)
        if theirs is not None and theirs.state == rows.FROZEN and each.author in town.hostile:
            beyond["in a lane that is frozen"] += 1
            return 0
        if (lane.origin, entry.index) in there.quarantined and town.faults["amendment"]:
            beyond["came under other terms, in quarantine"] += 1
            return 0
    town.broken(f"{party} never got {each.canary} of {each.author}, which its author holds")
    return 0


def once(town: Town, one: Held) -> None:
    """Nobody is handed the same thing twice, unless its author has published it again.

    As one does that was restored; and one that has told two histories, where the proof of that was shown to it.
    """
    again = {*town.restored, *(town.hostile if town.lied else ())}
    for name, times in one.got.items():
        if name in town.published and times > 1 and town.published[name].author not in again:
            town.broken(f"{one.node.party} was given {name} {times} times")


def accused(town: Town, one: Held, beyond: Counter[str]) -> None:
    """Who signed two histories is proven to have done so; who did not is not accused, whatever happened to him."""
    party = one.node.party
    for lane in one.lanes.values():
        forked = (party, lane.origin) in town.forked
        # Who has not seen it himself was shown it by one who has.
        if lane.state == rows.FROZEN and lane.origin not in town.lied:
            if "old" in town.restored.get(lane.author, ()):
                beyond["two histories after a rollback nobody had noticed"] += 1
            else:
                town.broken(f"{party} accuses {lane.author} of two histories: {lane.note}")
        if forked and lane.state != rows.FROZEN and party not in town.restored:
            town.broken(f"{party} has seen two histories of {lane.author} and goes on")


def confirmed(town: Town, one: Held, held: dict[str, Held]) -> None:
    """A receipt says what its writer holds, and in the end everybody has said it."""
    author = one.node.party
    if "old" in town.restored.get(author, ()) or author in town.hostile:
        return
    with one.node.store.read() as reader:
        for lane in one.lanes.values():
            if not lane.mine:
                continue
            said = {each.party: each.size for each in rows.list_receipts(reader, lane.id)}
            for party in set(lane.audience) - {author}:
                theirs = held[party].lanes.get(lane.origin)
                size = 0 if theirs is None else theirs.size
                if town.left & {party, author} and party in town.restored:
                    continue  # Whoever has left does not fetch again what it has lost.
                if said.get(party, 0) > size:
                    town.broken(f"{author} was told that {party} holds {said[party]} entries; it holds {size}")
                elif said.get(party, 0) < size and not town.left & {party, author}:
                    town.broken(f"{party} holds {size} entries of {author}, who knows of {said.get(party, 0)}")


def judge_receipts(town: Town) -> None:
    """Before anything new is published, for which there would be new receipts: none is missing already."""
    held = {party: look(node) for party, node in town.nodes.items()}
    for one in held.values():
        confirmed(town, one, held)


def agreed(town: Town) -> None:
    """All who are parties know the same version of the agreement, and who has suspended it."""
    for agreement in (town.three, town.two):
        known = {party: node.agreements.standings().get(agreement) for party, node in town.nodes.items()}
        newest = max((each for each in known.values() if each and each.signed), key=lambda each: each.version)
        # Who joined later was not told what had been said before: whoever said it keeps to it.
        told = set(PARTIES[:3]) - town.left
        by = {frozenset(each.suspended_by) for party in told if (each := known[party])}
        for party in set(newest.parties) - set(newest.left) - town.left:
            theirs = known[party]
            if theirs is None or theirs.note_sha256 != newest.note_sha256:
                version = "none" if theirs is None else theirs.version
                town.broken(f"{party} knows version {version} of an agreement of which {newest.version} counts")
            elif party in told and len(by) > 1:
                town.broken(f"{party} takes an agreement to be suspended by {theirs.suspended_by}")


def kept_back(town: Town, one: Held) -> None:
    """What an honest party publishes is not quarantined, unless the terms have changed meanwhile."""
    for (origin, index), code in one.quarantined.items():
        author = one.lanes[origin].author
        if author in town.hostile or code == "kind-not-applied" or town.faults["amendment"]:
            continue
        town.broken(f"{one.node.party} holds back entry {index} of {author}: {code}")


def one_history(town: Town, held: dict[str, Held]) -> None:
    """All who hold a lane hold the same entries of it."""
    for one in held.values():
        for origin, lane in one.lanes.items():
            author = held[lane.author]
            rolled_back = "old" in town.restored.get(lane.author, ())
            if lane.mine or lane.state == rows.FROZEN or rolled_back or origin not in author.headers:
                continue
            ours, theirs = one.headers[origin], author.headers[origin]
            common = min(len(ours), len(theirs))
            if ours[:common] != theirs[:common]:
                town.broken(f"{one.node.party} and {lane.author} hold different entries of one lane")


def at_rest(town: Town, held: dict[str, Held]) -> None:
    """No byte of a canary in a file of somebody it is not for, and none of what was erased at its author."""
    for party, one in held.items():
        one.node.store.scrub()
        seen: set[str] = set()
        for file in one.node.folder.glob("*.db*"):
            seen |= {name.decode() for name in CANARY.findall(file.read_bytes())}
        for name in sorted(seen):
            each = town.published[name]
            if each.author == party:
                if each.erased:
                    town.broken(f"{name} was erased and still lies at {party}")
            elif party not in _entitled(town, held, each):
                town.broken(f"{name} of {each.author} lies at {party}, for whom it was not")


def _entitled(town: Town, held: dict[str, Held], each: Published) -> set[str]:
    if each.agreement == town.two:
        return set(PARTIES[:2])
    places = held[each.author].own.get(each.canary)
    # What its author has lost can only be judged by who were ever parties.
    joined = any(PARTIES[3] in lane.audience for lane, _ in places) if places else bool(town.faults["amendment"])
    return set(PARTIES if joined or each.erasing else PARTIES[:3])
