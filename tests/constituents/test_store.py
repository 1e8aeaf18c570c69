"""Rows of constituents, on both engines."""

from __future__ import annotations

from typing import Any

from kouprey.constituents import store as rows
from kouprey.constituents.model import Feedback, Letter, LetterState, Network, Word


def test_networks_are_replaced_as_a_whole(host: Any) -> None:
    one, other = Network(kind="domain-name", text="a.example"), Network(kind="ipv4-net", text="192.0.2.0/24")
    host.node.store.write(lambda tx: rows.replace_networks(tx, host.bank, [one, other]))
    host.node.store.write(lambda tx: rows.replace_networks(tx, host.bank, [other]))
    with host.node.store.read() as reader:
        assert rows.list_networks(reader, host.bank) == [other]
        assert rows.count_networks(reader) == {host.bank: 1, host.news: 2}


def test_a_letter_of_a_contact_and_period_exists_once_and_moves_only_from_where_it_is(host: Any) -> None:
    letter = Letter(contact="ctc_1", period="2026-11-26", constituent=host.bank, after=1, upto=5, due=10, made_at=9)
    for upto in (5, 6):
        host.node.store.write(lambda tx, upto=upto: rows.insert_letter(tx, _with(letter, upto)))
    with host.node.store.read() as reader:
        assert rows.list_due(reader, 10, 5) == [letter] and rows.list_due(reader, 9, 5) == []

    def to(state: LetterState, *held: LetterState) -> bool:
        return bool(host.node.store.write(lambda tx: rows.change_letter(tx, letter, state, held=held, due=20)))

    assert to(LetterState.SENDING, LetterState.WAITING) and not to(LetterState.SENDING, LetterState.WAITING)
    assert to(LetterState.FAILED, LetterState.SENDING, LetterState.HANDING)
    with host.node.store.read() as reader:
        assert rows.list_due(reader, 100, 5) == [] and rows.count_troubled(reader) == 1
        found = rows.find_letter(reader, "ctc_1", "2026-11-26")
    assert found is not None and (found.state, found.upto) == (LetterState.FAILED, 5)


def test_the_last_word_counts(host: Any) -> None:
    for word in (Word.SEEN, Word.FIXED):
        said = Feedback(constituent=host.bank, stix_id="indicator--1", word=word, note="", by="psn_1", at=1)
        host.node.store.write(lambda tx, said=said: rows.add_feedback(tx, said))
    with host.node.store.read() as reader:
        assert rows.list_words(reader, host.bank, ["indicator--1", "indicator--2"]) == {"indicator--1": Word.FIXED}
        assert [each.word for each in rows.list_feedback(reader, host.bank, 5)] == [Word.FIXED, Word.SEEN]
        assert rows.list_words(reader, host.news, ["indicator--1"]) == {}


def _with(letter: Letter, upto: int) -> Letter:
    import msgspec

    return msgspec.structs.replace(letter, upto=upto)
