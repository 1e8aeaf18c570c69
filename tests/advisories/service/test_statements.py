"""The chain, what goes to partners, what comes from them, and a copy that outlives its publisher."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisories.conftest import Bureau, content
from kouprey.advisories.model import Content, Kind, Signed
from kouprey.advisories.wire.statement import check_signature, hash_of, sign_statement, write_signed
from kouprey.federation.service import Delivery
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import KoupreyError, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP


def correction(of: str, **more: Any) -> Content:
    return content(kind=Kind.CORRECTION, replaces=(of,), **more)


def test_each_names_the_one_before_and_corrections_leave_it_as_it_was(ministry: Bureau) -> None:
    first = ministry.publish()
    second = ministry.publish(correction(first.id))
    third = ministry.publish(correction(second.id, cancels=True))
    assert [each.statement.previous for each in (first, second, third)] == ["", first.hash, second.hash]
    assert third.hash == hash_of(third.signed.raw) and ministry.statements.chain().head == third.hash
    newest, middle, oldest = ministry.statements.list_public()
    assert (newest.id, middle.withdrawn, middle.followed) == (third.id, True, (third.id,))
    assert oldest.signed == first.signed and oldest.followed == (second.id,) and not oldest.withdrawn
    assert [each.id for each in ministry.statements.replaced_by(third)] == [second.id]
    chain = ministry.statements.chain()
    assert [each.number for each in chain.links] == [1, 2, 3] and not chain.broken and not chain.missing


def test_a_chain_that_was_tampered_with_says_so(ministry: Bureau) -> None:
    first, second = ministry.publish(), ministry.publish()
    store = ministry.node.store
    store.write(lambda tx: tx.execute("UPDATE statement SET hash = ? WHERE number = 1", ("0" * 64,)))
    store.write(lambda tx: tx.execute("UPDATE statement_shelf SET revision = revision + 1"))
    assert ministry.statements.chain().broken == 2
    assert not ministry.statements.get_public(second.id).chained
    store.write(lambda tx: tx.execute("UPDATE statement SET body = ? WHERE number = 1", (b"{}",)))
    store.write(lambda tx: tx.execute("UPDATE statement_shelf SET revision = revision + 1"))
    # One that was damaged does not take the others off the page.
    assert [each.id for each in ministry.statements.list_public()] == [second.id]
    with pytest.raises(Unknown):
        ministry.statements.get_public(first.id)


def test_what_an_exercise_says_of_a_real_statement_counts_for_nothing(ministry: Bureau) -> None:
    real = ministry.publish()
    drill = ministry.publish(correction(real.id, exercise="Mekong", cancels=True))
    assert ministry.statements.get_public(real.id).followed == ()
    assert ministry.statements.get_public(drill.id).content.exercise == "Mekong"


def test_partners_get_the_whole_chain_and_show_it_when_the_link_is_cut(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, _agreement = bureaus
    first = ministry.publish()
    drill = ministry.publish(content(exercise="Mekong"))
    ministry.publish(correction(first.id))
    ministry.parcel(operator)
    view = operator.statements.view()
    assert len(view.every) == 3 and view.public == ("operator.example",)
    # Nobody has decided to show them: strangers find nothing.
    with pytest.raises(Unknown):
        operator.statements.list_public(ministry.party)
    operator.statements.show_mirror(operator.lead, ministry.party, True)
    ministry.node.lanes.release()
    shown = operator.statements.list_public(ministry.party)
    assert [each.signed for each in shown] == [each.signed for each in ministry.statements.list_public()]
    assert all(check_signature(each.signed).id == each.id and each.trusted and each.chained for each in shown)
    assert operator.statements.get_public(first.id, ministry.party).followed != ()
    assert operator.statements.get_public(drill.id, ministry.party).content.exercise == "Mekong"
    assert operator.statements.chain(ministry.party).head == ministry.statements.chain().head
    assert ministry.statements.send_waiting() == 0
    operator.statements.show_mirror(operator.lead, ministry.party, False)
    with pytest.raises(Unknown):
        operator.statements.get_public(first.id, ministry.party)
    with pytest.raises(Unknown):
        operator.statements.show_mirror(operator.lead, "nobody.example", True)


def deliver(to: Bureau, raw: bytes, author: str, **marked: Any) -> KoupreyError | None:
    label = Label(owner=author, **({"tlp": TLP.CLEAR, "kind": "statement"} | marked))
    came = Delivery("lane", 1, author, "agr", label, raw, 0)
    return to.node.store.write(lambda tx: to.statements.apply(tx, [came]))[0]


def test_what_a_partner_may_not_say_is_refused_with_a_reason(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, _agreement = bureaus
    made = ministry.publish()
    raw = write_signed(made.signed)

    def code(answer: KoupreyError | None) -> str:
        assert answer is not None
        return answer.code

    assert code(deliver(operator, raw.replace(b"stays open", b"stays shut"), ministry.party)) == "bad-signature"
    assert code(deliver(operator, raw, "third.example")) == "not-its-own"
    assert code(deliver(operator, raw, ministry.party, tlp=TLP.GREEN)) == "not-public"
    assert code(deliver(operator, raw, ministry.party, exercise="Mekong")) == "not-public"
    assert code(deliver(operator, b"{}", ministry.party)) == "bad-statement"
    assert operator.statements.view().every == []
    assert deliver(operator, raw, ministry.party) is None and deliver(operator, raw, ministry.party) is None
    # The same place of the chain with other words: the first one stays.
    key = SigningKey.from_bytes(bytes.fromhex((ministry.folder / "keys" / "node.key").read_text().strip()))
    other = sign_statement(msgspec.structs.replace(made.statement, name="Another name"), key)
    assert code(deliver(operator, write_signed(other), ministry.party)) == "other-statement"
    assert [each.signed for each in operator.statements.view().every] == [made.signed]


def test_a_key_that_nobody_knows_is_kept_and_not_shown(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, _agreement = bureaus
    said = msgspec.structs.replace(ministry.publish().statement, name="Forged")
    forged = sign_statement(said, SigningKey.generate())
    assert deliver(operator, write_signed(forged), ministry.party) is None
    operator.statements.show_mirror(operator.lead, ministry.party, True)
    assert not operator.statements.view().every[0].trusted
    assert operator.statements.list_public(ministry.party) == []
    with pytest.raises(Unknown):
        operator.statements.get_public(said.id, ministry.party)


def test_erased_words_go_and_ours_that_come_back_are_ours(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, agreement = bureaus
    made = ministry.publish()
    assert deliver(operator, write_signed(made.signed), ministry.party) is None
    operator.statements.erase_received("lane", ministry.party, [1])
    operator.statements.show_mirror(operator.lead, ministry.party, True)
    assert operator.statements.list_public(ministry.party) == []
    (link,) = operator.statements.chain(ministry.party).links
    assert link.erased and link.hash == made.hash
    # A restore has lost it: it comes back from a partner and stands as ours.
    store = ministry.node.store
    store.write(lambda tx: tx.execute("DELETE FROM statement"))
    store.write(lambda tx: tx.execute("UPDATE statement_shelf SET revision = revision + 1"))
    assert ministry.statements.list_public() == []
    assert deliver(ministry, write_signed(made.signed), ministry.party) is None
    assert [each.signed for each in ministry.statements.list_public()] == [made.signed]
    (told,) = ministry.statements.outlook(ministry.lead)
    assert (told.agreement, told.sent, told.barred) == (agreement, 1, "")


def test_the_signature_is_checked_of_exactly_these_bytes(ministry: Bureau) -> None:
    made = ministry.publish()
    raw = bytearray(made.signed.raw)
    raw[-2] ^= 1
    with pytest.raises(KoupreyError):
        check_signature(Signed(raw=bytes(raw), key=made.signed.key, signature=made.signed.signature))
