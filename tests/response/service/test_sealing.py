"""What is disclosed is sealed on one machine and opened on another; the nodes between can read none of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.kernel.seal import box
from kouprey.kernel.seal.keyring import Keyring, load
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from kouprey.response.model.sealed import Opener, SealedItem
from kouprey.response.service import HandOffs, Sealing
from kouprey.response.service.sealing import open_item, seal_file
from kouprey.response.wire.sealed import MOST_BYTES

PLAIN = b"caller,called\n+855 12 000 111,+855 12 000 222\n" + b"canary-1d4b-who-called-whom\n" * 40
NAME = "canary-77aa-calls-of-november.csv"
SECRET, KEY = box.new_identity()
OTHER, OTHER_KEY = box.new_identity()
READERS = (Opener(name="Azman", key=KEY), Opener(name="Court of Sovan", key=OTHER_KEY))
BASIS = "Treaty on mutual legal assistance, article 12, ref. 2026/114"


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


@pytest.fixture
def disclosed(offices: Any) -> Iterator[tuple[Any, Any, str, SealedItem]]:
    """The ministry asked for records, and the operator has given them under seal."""
    ministry, operator, agreement = offices
    who = ministry.handoffs.operator()
    wanted = Wanted(
        agreement=agreement,
        to=operator.party,
        kind="disclose",
        title="Who called",
        text="Records of one number.",
        basis=BASIS,
        readers=READERS,
    )
    handoff = ministry.handoffs.request(who, wanted).id
    ministry.parcel(operator)
    asked = operator.handoffs.get(operator.handoffs.operator(), handoff).asked
    assert asked.readers == READERS, "the keys were signed with the request"
    through = operator.node.services.get(Sealing).through(asked)
    item = seal_file(PLAIN, NAME, asked.readers, through)
    operator.handoffs.say(operator.handoffs.operator(), handoff, Verb.ACCEPT, text="We may.")
    operator.release(handoff, "All of it.", item)
    operator.parcel(ministry)
    yield ministry, operator, handoff, item


def test_from_one_machine_to_the_other(disclosed: Any) -> None:
    ministry, operator, handoff, item = disclosed
    sealing, who = ministry.node.services.get(Sealing), ministry.handoffs.operator()
    _, message, came = sealing.item(who, handoff, item.sha256)
    assert came == item and message.author == operator.party
    released = sealing.release(who, handoff, item.sha256, KEY)
    assert open_item(came.body, released, SECRET) == (NAME, PLAIN)
    assert refusal(lambda: open_item(came.body, released, OTHER)) == "cannot-open"
    (written,) = sealing.list_releases(who, handoff)
    assert (written.item, written.key, written.person) == (item.sha256, KEY, "operator")


def test_stock_age_opens_it_for_its_reader(disclosed: Any, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        pytest.skip("age is not installed here")
    ministry, _, handoff, item = disclosed
    sealing, who = ministry.node.services.get(Sealing), ministry.handoffs.operator()
    released = sealing.release(who, handoff, item.sha256, KEY)
    for name, content in (("me.key", SECRET.encode()), ("released.age", released), ("sealed.age", item.body)):
        (tmp_path / name).write_bytes(content)
    for identity, source, out in (("me.key", "released.age", "item.key"), ("item.key", "sealed.age", "plain")):
        words = ["age", "-d", "-i", identity, "-o", out, source]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "plain").read_bytes() == PLAIN


def test_a_dump_of_everything_on_both_nodes_shows_nothing(disclosed: Any) -> None:
    """Database, disk and server keys of both, the release of the node's seal included."""
    ministry, operator, handoff, item = disclosed
    released = ministry.node.services.get(Sealing).release(ministry.handoffs.operator(), handoff, item.sha256, KEY)
    secrets: list[str] = []
    for office in (ministry, operator):
        files = [path for path in office.folder.rglob("*") if path.is_file()]
        assert len(files) > 5
        for path in files:
            data = path.read_bytes()
            for canary in (b"canary-1d4b", b"canary-77aa", PLAIN[:40]):
                assert canary not in data and canary.hex().encode() not in data, f"{path} holds what is sealed"
        secrets += load(_keys(office)).age_secrets
    # With every secret key there is on both machines.
    assert refusal(lambda: box.open_box(released, secrets)) == "cannot-open"
    assert refusal(lambda: box.open_box(item.body, secrets)) == "cannot-open"
    inner = box.open_box(item.grants[0].box, secrets)
    assert refusal(lambda: box.open_box(inner, secrets)) == "cannot-open", "under the seal of the node is a person's"


def _keys(office: Any) -> Path:
    (found,) = {path.parent for path in office.folder.rglob("age.key")}
    assert isinstance(office.node.services.get(Keyring), Keyring)
    return Path(found)


def test_where_it_cannot_be_written_down_nothing_leaves(disclosed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ministry, _, handoff, item = disclosed
    sealing, who = ministry.node.services.get(Sealing), ministry.handoffs.operator()

    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("kouprey.response.service.sealing.rows.add_release", full)
    with pytest.raises(OSError, match="No space"):
        sealing.release(who, handoff, item.sha256, KEY)
    monkeypatch.undo()
    assert sealing.list_releases(who, handoff) == []


def test_only_the_legal_track_sees_and_releases_it(disclosed: Any) -> None:
    ministry, operator, handoff, item = disclosed
    sealing = ministry.node.services.get(Sealing)
    reader = ministry.handoffs.operator()
    analyst = HandOffs.speaker(reader, (str(Role.ANALYST),))
    analyst = msgspec.structs.replace(analyst, name="psn_analyst")
    for call in (
        lambda: sealing.item(analyst, handoff, item.sha256),
        lambda: sealing.release(analyst, handoff, item.sha256, KEY),
        lambda: sealing.list_releases(analyst, handoff),
    ):
        assert refusal(call) == "unknown-handoff"
    assert refusal(lambda: sealing.release(reader, handoff, "0" * 64, KEY)) == "unknown-item"
    assert refusal(lambda: sealing.release(reader, handoff, item.sha256, box.new_identity()[1])) == "unknown-key"
    ours = operator.node.services.get(Sealing)
    assert (
        refusal(lambda: ours.release(operator.handoffs.operator(), handoff, item.sha256, KEY)) == "not-ours-to-release"
    )


def test_what_goes_under_seal_goes_to_whom_it_was_asked_for(offices: Any) -> None:
    ministry, operator, agreement = offices
    who, theirs = ministry.handoffs.operator(), operator.handoffs.operator()
    asking: dict[str, Any] = {"agreement": agreement, "to": operator.party, "title": "Block", "text": "It calls."}
    assert (
        refusal(lambda: ministry.handoffs.request(who, Wanted(kind="act", readers=READERS, **asking))) == "bad-reader"
    )
    handoff = ministry.handoffs.request(who, Wanted(kind="disclose", basis=BASIS, readers=READERS[:1], **asking)).id
    act = ministry.handoffs.request(who, Wanted(kind="act", **asking)).id
    ministry.parcel(operator)
    through = operator.node.services.get(Sealing).through(operator.handoffs.get(theirs, handoff).asked)
    mine, strange = (seal_file(PLAIN, NAME, [each], through) for each in READERS)

    def say(handoff: str, verb: Verb, *items: SealedItem) -> Any:
        return operator.handoffs.say(theirs, handoff, verb, text="Here.", items=items)

    assert refusal(lambda: say(handoff, Verb.ACCEPT, mine)) == "not-sealed-here"
    for each in (handoff, act):
        say(each, Verb.ACCEPT)
    assert refusal(lambda: say(act, Verb.REPORT, mine)) == "not-sealed-here"
    assert refusal(lambda: say(handoff, Verb.REPORT, strange)) == "other-readers"
    assert refusal(lambda: say(handoff, Verb.REPORT, mine, mine)) == "bad-item"
    assert operator.handoffs.get(theirs, handoff).course.stage == "accepted", "nothing was said"
    large = seal_file(b"x" * (MOST_BYTES - 4_096), NAME, READERS[:1], through)
    assert refusal(lambda: say(handoff, Verb.REPORT, large)) == "two-persons"
    operator.release(handoff, "Here.", large)
    operator.parcel(ministry)
    _, _, came = ministry.node.services.get(Sealing).item(who, handoff, large.sha256)
    assert came == large, "the largest one fits an entry"


def test_what_cannot_be_sealed_is_said() -> None:
    for plain, openers in ((b"", READERS), (b"x" * MOST_BYTES, READERS)):
        assert refusal(lambda plain=plain, openers=openers: seal_file(plain, NAME, openers, KEY)) == "bad-item"
    assert refusal(lambda: seal_file(b"x", NAME, (), KEY)) == "bad-reader"
    assert refusal(lambda: seal_file(b"x", NAME, [Opener(name="A", key="age1no")], KEY)) == "bad-recipient"
