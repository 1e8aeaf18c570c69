"""What happens in a simulated run: what people do, and what goes wrong; each deed is one step of a schedule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from faults.nodes import Crash, Node, erasure
from faults.town import CALM, PARTIES, STORM, TLP, Published, Town, content_of, flip
from kouprey.agreements.model import Terms
from kouprey.federation.model import LaneClass
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND

Deed = Callable[[Town], None]


def alive(town: Town) -> list[Node]:
    return [node for node in town.nodes.values() if node.alive]


def _pair(town: Town) -> tuple[Node, Node]:
    one, other = town.dice.sample(alive(town), 2)
    return one, other


def tried(town: Town, node: Node, deed: Callable[[], object]) -> None:
    """Do something at a node, which may refuse, or die in the middle of it."""
    before = {lane.origin: lane.size for lane in node.lanes_held(mine=True)} if node.alive else {}
    try:
        deed()
    except Crash as crash:
        assert crash.node is node
        town.died(node)
        return
    except KoupreyError as error:
        town.refusals[error.code] += 1
    if node.alive:
        town.look_at_growth(node, before)


# what people do, and nodes by themselves


def publish(town: Town) -> None:
    """One to four entries, acknowledged when the call returns; the node may die before or after its commit."""
    node = town.dice.choice(alive(town))
    agreement = town.three if town.dice.random() < 0.75 else town.two
    standing = node.agreements.standings().get(agreement)
    if standing is None or not standing.signed or standing.home in standing.left:
        return
    tlp = town.dice.choice((TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.AMBER))
    hostile = node.party in town.hostile and town.dice.random() < 0.5
    put(town, node, agreement, TLP.RED if hostile else tlp, town.dice.randint(1, 4), hostile=hostile)


def put(
    town: Town,
    node: Node,
    agreement: str,
    tlp: TLP,
    count: int,
    *,
    hostile: bool = False,
    lane_class: LaneClass | None = None,
) -> None:
    """Publish `count` entries; what was not acknowledged is known too, for it may be there all the same."""
    if lane_class is None:
        lane_class = LaneClass.PRIORITY if town.dice.random() < 0.2 else LaneClass.BULK
    names = [f"CANARY-{town.seed}-{len(town.published) + each}z" for each in range(count)]
    for name in names:
        town.published[name] = Published(name, 0, node.party, agreement, tlp, town.now, hostile=hostile)
    numbers: list[int] = []
    tried(
        town,
        node,
        lambda: numbers.extend(node.publish(agreement, [content_of(name) for name in names], tlp, lane_class)),
    )
    for name, number in zip(names, numbers, strict=False):
        town.published[name].number = number


def work(town: Town) -> None:
    node = town.dice.choice(alive(town))
    tried(town, node, node.work)


def sync(town: Town) -> None:
    one, other = town.dice.sample(list(town.nodes.values()), 2)
    if one.alive:
        exchange(town, one, other)


def exchange(town: Town, one: Node, other: Node) -> int:
    """One exchange of a link; what came."""
    came: list[int] = []
    tried(town, one, lambda: came.append(one.federation.links.sync(other.party)))
    if one.alive and other.alive:
        town.look_at_delivered(one, other)
    return sum(came)


def erase(town: Town) -> None:
    """Somebody has something of his erased: from now on it is gone at its author, whatever is restored."""
    ours = [each for each in town.published.values() if each.number and not each.erased and not each.hostile]
    if not ours:
        return
    # Half of the time something that may not have become an entry yet.
    held = ours[-1] if town.dice.random() < 0.5 else town.dice.choice(ours)
    node = town.nodes[held.author]
    if node.alive:
        held.erasing = True
        town.fault("erasure", held.canary)
        # Promised when the call has returned.
        tried(town, node, lambda: node.erase(held.canary) or setattr(held, "erased", True))


def suspend(town: Town) -> None:
    node = town.dice.choice(alive(town))
    agreement = town.dice.choice((town.three, town.two))
    standing = node.agreements.standings().get(agreement)
    if standing is not None and node.party not in standing.left:
        on = node.party not in standing.suspended_by
        town.fault("suspension" if on else "resumption", node.party)
        tried(town, node, lambda: node.agreements.suspend(agreement, suspended=on, by="test"))


def leave(town: Town) -> None:
    """One of three goes for good, rarely, and never two."""
    node = town.nodes[PARTIES[2]]
    if not town.left and node.alive and town.three in node.agreements.standings():
        town.left.add(node.party)
        town.fault("leaving", node.party)
        tried(town, node, lambda: node.agreements.leave(town.three, by="test"))


def amend(town: Town) -> None:
    """The next version of the agreement among three: a lower or a higher ceiling, or a fourth party."""
    node = town.dice.choice(alive(town))
    standing = node.agreements.standings().get(town.three)
    pending = any(version.missing for version in node.agreements.list_versions(town.three)) if standing else True
    if standing is None or pending or node.party in standing.left:
        return
    parties = list(standing.parties)
    ceiling = "green" if standing.terms.tlp_ceiling == "amber" else "amber"
    if len(parties) == 3 and town.dice.random() < 0.5:
        parties, ceiling = list(PARTIES), standing.terms.tlp_ceiling
    tried(town, node, lambda: draft(town, node, parties, ceiling))


def draft(town: Town, node: Node, parties: Sequence[str], ceiling: str) -> None:
    """The next version, signed by one of its parties."""
    town.fault("amendment", f"{len(parties)} parties, up to {ceiling}")
    terms = Terms(tlp_ceiling=ceiling)
    node.agreements.draft("Among more", list(parties), terms, starts=town.now - 10**9, amends=town.three, by="test")
    node.agreements.sign(town.three, by="test")


def countersign(town: Town) -> None:
    node = town.dice.choice(alive(town))
    if town.three in node.agreements.standings():
        tried(town, node, lambda: countersign_at(node, town.three))


def countersign_at(node: Node, agreement: str) -> None:
    if node.agreements.find_unsigned(agreement) is not None:
        node.agreements.sign(agreement, by="test")


# parcels


def make_parcel(town: Town) -> None:
    one, other = _pair(town)
    made: list[bytes] = []
    tried(town, one, lambda: made.append(one.make_parcel(other.party)))
    if made:
        town.fault("parcel made")
        town.look_at_parcel(one, other.party, made[0])
        town.mail.append((one.party, other.party, made[0]))


def read_parcel(town: Town) -> None:
    """Any of the parcels, in any order, mostly kept for another time; sometimes cut, changed, or at the wrong door."""
    if not town.mail:
        return
    maker, party, data = town.dice.choice(town.mail)
    luck = town.dice.random()
    whole = luck >= 0.3
    if luck < 0.1:
        data = flip(data, town.dice)
    elif luck < 0.2:
        data = data[: int(len(data) * town.dice.random())]
    elif luck < 0.3:
        party = town.dice.choice([each for each in PARTIES if each not in (maker, party)])
    node = town.nodes[party]
    if not node.alive:
        return
    town.fault("parcel read" if whole else "parcel spoilt")
    before = len(town.wrong)
    read: list[object] = []
    tried(town, node, lambda: read.append(node.read_parcel(data)))
    if read and not whole and len(town.wrong) == before:
        town.broken(f"{party} read a parcel that was spoilt")


# what goes wrong


def crash(town: Town) -> None:
    """At one of the next commit points of a node, just before or just after the commit."""
    node = town.dice.choice(alive(town))
    node.fuse = town.dice.randint(1, 14)
    town.fault("crash armed", node.party)


def start(town: Town) -> None:
    for node in town.nodes.values():
        if not node.alive:
            bring_up(town, node)


def bring_up(town: Town, node: Node) -> None:
    town.log.append(f"start {node.party}")
    node.open()


def copy(town: Town) -> None:
    """A backup of everything a node has, or a snapshot of its machine."""
    node = town.dice.choice(alive(town))
    node.close()
    town.copies.append((node.party, node.copy(town.folder / f"copy{len(town.copies)}")))
    node.open()


def restore(town: Town) -> None:
    """An older copy in place of what there is: the database alone, or the whole machine with its guard.

    Half of the time nobody can be asked when it starts again.
    """
    mine = [each for each in town.copies if town.nodes[each[0]].alive]
    if not mine:
        return
    party, folder = town.dice.choice(mine)
    node = town.nodes[party]
    guard = town.dice.choice(("kept", "lost", "old"))
    if town.dice.random() < 0.7:
        _go_on(town, node)
        # Somebody holds more of it than the copy does.
        _read_by_somebody(town, node)
    if not node.alive:
        return
    alone = {(party, other) for other in PARTIES} if town.dice.random() < 0.5 else set()
    put_back(town, node, folder, guard)
    cuts, town.cuts = town.cuts, town.cuts | alone
    node.open()
    town.cuts = cuts
    if town.dice.random() < 0.7:
        _go_on(town, node)
        # Somebody sees how the epoch ends, before its author was given back what it had lost of it.
        _read_by_somebody(town, node)


def put_back(town: Town, node: Node, folder: Path, guard: str) -> None:
    """The copy in place of what a node has, with the list of what was erased; the node is closed afterwards."""
    party = node.party
    if guard == "lost":
        # The list of erasures is in the guard; who loses the guard has exported it before.
        known = node.lanes.erasures.list_since(0)
    node.close()
    node.put_back(folder, guard=guard)
    town.fault(f"restore, guard {guard}", party)
    town.restored.setdefault(party, set()).add(guard)
    node.open(start=False)
    acknowledged = {each.canary for each in town.published.values() if each.author == party and each.number}
    town.gone[party] = acknowledged - node.ours()
    town.restored_at[party] = town.now
    if guard == "old":
        known = [(at, erasure(each.canary)) for at, each in _erased(town, party)]
    if guard != "kept":
        node.lanes.erasures.take_over(known)
    node.close()


def restore_between(town: Town) -> None:
    """A copy is put back of which one reader has seen the end and the other more; the first sees what comes then."""
    nodes = [town.nodes[party] for party in town.dice.sample(PARTIES[:3], 3)]
    standing = nodes[0].agreements.standings().get(town.three) if nodes[0].alive else None
    if standing is None or not all(node.alive for node in nodes) or {*standing.left, *standing.suspended_by}:
        return
    node, behind, beyond = nodes
    tried(town, node, node.work)
    _read(town, behind, node)
    if not node.alive:
        return
    node.close()
    folder = node.copy(town.folder / f"copy{len(town.copies)}")
    town.copies.append((node.party, folder))
    node.open()
    _go_on(town, node, town.three)
    _read(town, beyond, node)
    if not node.alive:
        return
    guard = town.dice.choice(("kept", "lost", "old", "old"))
    put_back(town, node, folder, guard)
    cuts, town.cuts = town.cuts, town.cuts | {(node.party, other) for other in PARTIES}
    node.open()
    town.cuts = cuts
    _go_on(town, node, town.three)
    _read(town, behind, node)


def _read_by_somebody(town: Town, node: Node) -> None:
    _read(town, town.nodes[town.dice.choice([each for each in PARTIES[:3] if each != node.party])], node)


def _read(town: Town, peer: Node, node: Node) -> None:
    """In good weather, whatever the weather is."""
    if peer.alive and node.alive:
        before, town.weather = town.weather, CALM
        exchange(town, peer, node)
        town.weather = before


def _go_on(town: Town, node: Node, agreement: str = "") -> None:
    """Publish and sign at once, as if nothing had happened."""
    agreement = agreement or town.dice.choice((town.three, town.two))
    standing = node.agreements.standings().get(agreement)
    if standing is not None and standing.signed and node.party not in standing.left:
        put(town, node, agreement, TLP.GREEN, town.dice.randint(1, 5))
        if node.alive:
            tried(town, node, node.work)


def _erased(town: Town, party: str) -> list[tuple[int, Published]]:
    found = [each for each in town.published.values() if each.erased and each.author == party]
    return list(enumerate(found, 1_000))


def cut(town: Town) -> None:
    """One way only, or healed again."""
    one, other = town.dice.sample(PARTIES, 2)
    if town.cuts and town.dice.random() < 0.6:
        town.cuts.remove(town.dice.choice(sorted(town.cuts)))
    else:
        town.fault("one-way cut", f"{one} to {other}")
        town.cuts.add((one, other))


def weather(town: Town) -> None:
    town.weather = STORM if town.dice.random() < 0.8 else type(STORM)(0.3, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1)


def skew(town: Town) -> None:
    """A clock jumps by up to an hour, either way, or is right again; or two agree for a while that it is later."""
    if town.dice.random() < 0.5:
        ahead(town)
        return
    node = town.dice.choice(list(town.nodes.values()))
    node.skew = town.dice.choice((0, 0, 0, 60, -60, 3600, -3600)) * SECOND
    town.fault("clock jump", f"{node.party} {node.skew // SECOND}")


def ahead(town: Town) -> None:
    """Two clocks run ahead together and are right again: what was answered before then is not answered once more."""
    recent = [kept for kept in town.kept if town.now - kept.at < 200 * SECOND]
    if not recent:
        return
    kept = town.dice.choice(recent)
    server = town.nodes[kept.server]
    others = [node for node in alive(town) if node is not server]
    if not server.alive or not others:
        return
    asker = town.dice.choice(others)
    before = server.skew, asker.skew
    town.fault("clocks ahead", f"{asker.party} {server.party}")
    server.skew = asker.skew = 3600 * SECOND
    exchange(town, asker, server)
    server.skew, asker.skew = before
    town.replay(kept)


def replay(town: Town) -> None:
    """A request that somebody kept is sent again, minutes later."""
    if town.kept:
        town.replay(town.kept.pop(town.dice.randrange(len(town.kept))))
