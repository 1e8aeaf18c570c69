"""Files in parts: fetched part by part, whole only when verified, given to nobody else, gone when erased."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

import msgspec
import pytest

from federation.service.turning import contents, refusal
from kouprey.agreements.model import Quotas, Terms
from kouprey.federation import store as rows
from kouprey.federation.model import BlobChunk, EntryBody, EntryKind
from kouprey.federation.service.erasing import erase_bodies
from kouprey.federation.service.files import FileView
from kouprey.federation.store import blobs
from kouprey.federation.wire import blob
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.storage import audit
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

MIB = 1 << 20
PCAP = b"".join(number.to_bytes(4, "big") * 256 for number in range(3 * 1024 + 7))
"""Seven KiB above 3 MiB: four parts, none like another."""


def give(actor: Any, agreement: str, content: bytes = PCAP, **how: Any) -> FileView:
    how = {"name": "capture.pcap", "media_type": "application/vnd.tcpdump.pcap", "tlp": TLP.GREEN, **how}
    made: FileView = actor.federation.files.publish(agreement, BytesIO(content), by="test", **how)
    actor.lanes.append_waiting()
    return made


def only(actor: Any) -> FileView:
    (found,) = actor.federation.files.list(None)
    assert isinstance(found, FileView)
    return found


def bytes_of(actor: Any) -> bytes:
    return b"".join(actor.federation.files.content(only(actor).file, None, by="operator"))


def sent_parts(world: Any) -> int:
    return sum(url.endswith("/chunks") for _, url in world.wire.calls)


def canary(actor: Any) -> int:
    with actor.store.read() as reader:
        return int(reader.value("SELECT count(*) FROM blob_chunk"))


def test_a_file_is_given_fetched_and_whole(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    made = give(a, agreement)
    assert made.whole and made.mine and made.size == len(PCAP)
    a.publish(agreement, contents(1))
    b.sync(a)
    got = only(b)
    assert got.whole and not got.mine and got.held == got.size and got.name == "capture.pcap" and got.tlp is TLP.GREEN
    assert bytes_of(b) == PCAP and sent_parts(each_world) == 4
    with b.store.read() as reader:
        (read,) = [each for each in audit.list_audit(reader) if each.action == "file.read"]
    assert read.subject == agreement and read.detail["file"] == got.file, "who reads is written down first"
    b.sync(a)
    assert sent_parts(each_world) == 4, "nothing comes twice"
    assert not b.federation.ledger.list_quarantined()
    (lane,) = a.own_lanes()
    assert [(each.size, each.without) for each in lane.confirmations] == [(3, 0)]


def test_a_cut_costs_one_part_at_most(world: Any) -> None:
    a, b, agreement = world.pair()
    give(a, agreement)
    came = 0

    def cut(url: str, answer: Answer) -> Answer:
        nonlocal came
        if url.endswith("/chunks"):
            came += 1
            if came in (3, 4):
                raise Unreachable("The line was cut.", code="timeout")
        return answer

    world.wire.twist = cut
    for _ in range(2):
        with pytest.raises(Unreachable):
            b.sync(a)
        assert only(b).held == 2 * MIB and only(b).state == "wanted"
        assert refusal(lambda: b.federation.files.content(only(b).file, None, by="operator")) == "not-whole"
    b.close()
    b.open()
    b.sync(a)
    assert only(b).whole and bytes_of(b) == PCAP and came == 4 + 2


def test_a_part_that_was_changed_on_the_way_is_refused_and_comes_again(world: Any) -> None:
    a, b, agreement = world.pair()
    give(a, agreement)

    def flip(url: str, answer: Answer) -> Answer:
        if not url.endswith("/chunks"):
            return answer
        body = bytearray(answer.body)
        body[-1] ^= 1
        return Answer(answer.status, answer.headers, bytes(body), answer.url)

    world.wire.twist = flip
    with pytest.raises(KoupreyError):
        b.sync(a)
    assert only(b).held == 0
    world.wire.twist = lambda url, answer: answer
    b.sync(a)
    assert bytes_of(b) == PCAP


def test_parts_that_make_another_file_than_the_manifest_says_are_not_shown(world: Any) -> None:
    a, b, agreement = world.pair()
    give(a, agreement)
    with a.store.read() as reader:
        (held,) = blobs.list_files(reader)
    manifest = blob.BlobManifest(
        name="x.bin",
        media_type="application/octet-stream",
        size=held.size,
        sha256="0" * 64,
        chunk=blob.CHUNK,
        chunks=tuple(each.hex() for each in blob.unpacked(held.chunks)),
    )
    body = EntryBody(
        media_type=blob.BLOB_MEDIA_TYPE,
        label=Label(owner=a.party, tlp=TLP.GREEN),
        content=blob.render_manifest(manifest),
    )

    def lie(tx: Any) -> None:
        (number,) = a.lanes.queue(tx, agreement, [body], kind=EntryKind.BLOB_MANIFEST)
        blobs.set_file(tx, held.file, state=blobs.WHOLE, publication=number)

    a.store.write(lie)
    a.lanes.append_waiting()
    b.sync(a)
    broken = next(each for each in b.federation.files.list(None) if each.name == "x.bin")
    assert broken.state == "broken" and broken.held == 0
    assert refusal(lambda: b.federation.files.content(broken.file, None, by="operator")) == "not-whole"


def test_a_file_leaves_for_its_audience_alone_and_not_while_suspended(world: Any) -> None:
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    world.agree(a, c, title="Another")
    give(a, agreement)
    (lane,) = a.own_lanes()
    assert refusal(lambda: a.federation.serving.manifest(c.party, lane.tag, 1)) == "unknown-lane"
    assert refusal(lambda: a.federation.serving.manifest(b.party, lane.tag, 0)) == "bad-request"
    assert refusal(lambda: a.federation.serving.manifest(b.party, lane.tag, 9)) == "bad-request"
    a.federation.serving.manifest(b.party, lane.tag, 1)
    a.agreements.suspend(agreement, suspended=True, by="test")
    assert refusal(lambda: a.federation.serving.manifest(b.party, lane.tag, 1)) == "suspended"
    b.sync(a)
    assert b.federation.files.list(None) == []
    a.agreements.suspend(agreement, suspended=False, by="test")
    a.settle()
    a.sync(b)
    b.sync(a)
    assert bytes_of(b) == PCAP
    c.sync(a)
    assert c.federation.files.list(None) == []


def test_an_erased_file_is_gone_everywhere_also_before_all_of_it_came(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    made = give(a, agreement)
    (lane,) = a.own_lanes()
    came = 0

    def cut(url: str, answer: Answer) -> Answer:
        nonlocal came
        came += url.endswith("/chunks")
        if came == 3:
            raise Unreachable("The line was cut.", code="timeout")
        return answer

    each_world.wire.twist = cut
    with pytest.raises(Unreachable):
        b.sync(a)
    late = next(iter(a.federation.files.all_chunks(a.federation.serving.lane_for(b.party, lane.tag), 1)))
    each_world.wire.twist = lambda url, answer: answer
    assert canary(b) == 2
    a.federation.files.erase(made.file, by="test")
    a.lanes.append_waiting()
    assert a.federation.files.list(None) == [] and canary(a) == 0
    b.sync(a)
    b.federation.requests.carry_out()
    assert b.federation.files.list(None) == [] and canary(b) == 0
    with b.store.read() as reader:
        replica = rows.find_lane(reader, tag=lane.tag)
    assert replica is not None
    assert not b.federation.files.take_chunk(replica, late), "a part that was on its way is not kept"
    assert canary(b) == 0
    assert refusal(lambda: a.federation.serving.manifest(b.party, lane.tag, 1)) == "bad-request"


def test_a_flipped_bit_is_found_and_the_part_comes_again(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    give(a, agreement)
    b.sync(a)
    with b.store.read() as reader:
        found = blobs.find_chunk(reader, only(b).file, 1)
    assert found is not None
    content = found[1]
    flipped = bytes([content[0] ^ 1]) + content[1:]
    b.store.write(lambda tx: tx.execute("UPDATE blob_chunk SET content = ? WHERE number = 1", (flipped,)))
    with pytest.raises(KoupreyError):
        bytes_of(b)
    assert only(b).state == "wanted"
    b.sync(a)
    assert only(b).whole and bytes_of(b) == PCAP
    b.store.write(lambda tx: tx.execute("UPDATE blob_chunk SET content = ? WHERE number = 1", (flipped,)))
    assert b.federation.files.scrub() == 1
    a.store.write(lambda tx: tx.execute("UPDATE blob_chunk SET content = ? WHERE number = 1", (flipped,)))
    assert a.federation.files.scrub() == 1 and only(a).state == "broken"
    b.sync(a)
    assert only(b).state == "wanted", "what is damaged at its author is not served"


def test_erasing_another_entry_leaves_a_file_alone(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    (number,) = a.publish(agreement, contents(1))
    give(a, agreement)
    give(a, agreement, PCAP[:MIB], name="second.bin")
    b.sync(a)
    a.store.write(lambda tx: erase_bodies(tx, a.lanes, [number], ()))
    a.lanes.append_waiting()
    b.sync(a)
    for each in (a, b):
        assert [(file.name, file.whole) for file in each.federation.files.list(None)] == [
            ("second.bin", True),
            ("capture.pcap", True),
        ]
    first = b.federation.files.list(None)[1]
    b.federation.files.erase(first.file, by="test")
    assert [file.name for file in b.federation.files.list(None)] == ["second.bin"]
    b.sync(a)
    assert [file.name for file in b.federation.files.list(None)] == ["second.bin"], "it does not come back"


def test_a_parcel_carries_the_parts(world: Any) -> None:
    a, b, agreement = world.pair()
    give(a, agreement)
    a.publish(agreement, contents(2))
    stick = BytesIO()
    a.federation.parcels.make(b.party, stick, by="test")
    stick.seek(0)
    assert b.federation.parcels.read(stick, by="test").problems == []
    assert bytes_of(b) == PCAP and b.got == contents(2) and sent_parts(world) == 0


def test_parts_in_a_parcel_pass_the_same_amounts(world: Any) -> None:
    a, b, agreement = world.pair(Terms(quotas=Quotas(bytes_day=4 * MIB)))
    for name in ("first.bin", "second.bin", "third.bin"):
        give(a, agreement, PCAP[: 2 * MIB], name=name)
    stick = BytesIO()
    a.federation.parcels.make(b.party, stick, by="test")
    stick.seek(0)
    (problem,) = b.federation.parcels.read(stick, by="test").problems
    assert "clause 8, Amounts" in problem
    held = {each.name: each.whole for each in b.federation.files.list(None)}
    assert held == {"first.bin": True, "second.bin": True, "third.bin": False}


def test_amounts_of_the_agreement_bound_what_is_given_and_taken(world: Any) -> None:
    a, b, agreement = world.pair(Terms(quotas=Quotas(bytes_day=2 * MIB)))
    assert refusal(lambda: give(a, agreement)) == "too-large"
    give(a, agreement, PCAP[: 3 * MIB // 2])
    b.sync(a)
    assert only(b).whole
    give(a, agreement, PCAP[:MIB], name="second.bin")
    b.sync(a)
    b.publish(agreement, contents(1))
    with b.store.read() as reader:
        today = reader.value("SELECT sum(bytes) FROM author_day")
    assert int(today) > 2 * MIB, "parts count as what they are"
    give(a, agreement, PCAP[:MIB], name="third.bin")
    with pytest.raises(KoupreyError):
        b.sync(a)
    assert [each.name for each in b.federation.files.list(None)] == ["second.bin", "capture.pcap"]


def test_who_may_not_read_it_does_not_learn_of_it(world: Any) -> None:
    a, b, agreement = world.pair(Terms(tlp_ceiling="amber"))
    assert refusal(lambda: give(a, agreement, tlp=TLP.RED))
    made = give(a, agreement, tlp=TLP.AMBER)
    b.sync(a)
    cleared = Reader(party=b.party, clearance=TLP.AMBER, local=True)
    low = Reader(party=b.party, clearance=TLP.GREEN, local=True)
    assert [each.name for each in b.federation.files.list(cleared)] == ["capture.pcap"]
    assert b.federation.files.list(low) == []
    for call in (b.federation.files.get, partial(b.federation.files.content, by="test")):
        assert refusal(lambda call=call: call(only(b).file, low)) == "unknown-file"
    assert refusal(lambda: b.federation.files.erase(only(b).file, by="x", who=low)) == "unknown-file"
    unread = Reader(party=a.party, clearance=TLP.GREEN, local=True)
    assert refusal(lambda: give(a, agreement, tlp=TLP.AMBER, who=unread)) == "not-cleared"
    assert made.tlp is TLP.AMBER


@pytest.mark.parametrize("name", ["", ".bashrc", "a\u202egpj.exe", "x" * 201, "a:b", "nul\0"])
def test_names_that_are_no_names_are_refused(world: Any, name: str) -> None:
    a, _, agreement = world.pair()
    assert refusal(lambda: give(a, agreement, name=name)) == "bad-name"
    assert refusal(lambda: give(a, agreement, media_type="text")) == "bad-name"
    assert refusal(lambda: give(a, agreement, b"")) == "empty-file"


def test_a_manifest_under_the_wrong_kind_is_quarantined(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"{}"], media_type=blob.BLOB_MEDIA_TYPE)
    b.sync(a)
    (held,) = b.federation.ledger.list_quarantined()
    assert held.code == "bad-body" and b.federation.files.list(None) == []


def test_what_a_killed_giver_left_behind_goes(world: Any) -> None:
    a, _, agreement = world.pair()
    made = give(a, agreement)
    a.store.write(lambda tx: tx.execute("UPDATE blob_file SET state = ?, at = 1", (blobs.COMING_IN,)))
    assert a.federation.files.list(None) == []
    assert refusal(lambda: a.federation.files.get(made.file, None)) == "unknown-file"
    a.federation.files.scrub()
    assert canary(a) == 0


def test_a_part_beyond_the_file_is_refused(world: Any) -> None:
    a, b, agreement = world.pair()
    give(a, agreement)
    (lane,) = a.own_lanes()
    ours = a.federation.serving.lane_for(b.party, lane.tag)
    with pytest.raises(KoupreyError):
        list(a.federation.files.chunks_at(ours, 1, [bytes(32)]))
    assert not a.federation.files.take_chunk(ours, BlobChunk(1, 99, bytes(16), b"")), "of our own nothing is taken"
    raw = msgspec.json.encode(blob.ChunksRequest(entry=1, chunks=("0" * 64,) * 5))
    assert refusal(lambda: blob.read_chunks_request(raw)) == "bad-request"
