"""Tables of constituents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.constituents.wire import MOST_LINES, constituent_of, read_table
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.tlp import TLP

TABLE = """\ufeffid;Name;clearance;networks;contacts
bank.example;Example Bank;amber;203.0.113.0/24 bank.example;Sok Dara <a@bank.example>; b@bank.example

news.example;Example Newspaper;;;
"""


def test_a_table_with_a_mark_of_its_own() -> None:
    bank, news = read_table(TABLE.replace("a@bank.example>; b", "a@bank.example>"))
    assert (bank.line, bank.id, bank.networks) == (2, "bank.example", ("203.0.113.0/24", "bank.example"))
    assert constituent_of(bank).clearance is TLP.AMBER and constituent_of(bank).content is TLP.GREEN
    assert (news.line, constituent_of(news).clearance, news.contacts) == (4, TLP.GREEN, ())


def test_contacts_with_and_without_a_name() -> None:
    (line,) = read_table('id,name,contacts\nb.example,B,"Sok Dara <a@b.example>; c@b.example"\n')
    assert line.contacts == (("Sok Dara", "a@b.example"), ("c@b.example", "c@b.example"))


def test_what_is_no_table() -> None:
    with pytest.raises(Damaged) as caught:
        read_table("id,networks\nbank.example,x\n")
    assert caught.value.code == "bad-table" and "name" in caught.value.why
    with pytest.raises(TooLarge):
        read_table("id,name\n" + "a.example,A\n" * (MOST_LINES + 1))
    with pytest.raises(Damaged):
        constituent_of(read_table("id,name,clearance\na.example,A,purple\n")[0])


@given(st.text() | st.text().map(lambda text: f"id,name,clearance,networks,contacts\n{text}"))
def test_whatever_is_given_is_read_or_refused(text: str) -> None:
    try:
        lines = read_table(text)
    except Damaged:
        return
    for line in lines:
        try:
            constituent_of(line)
        except Damaged as error:
            assert error.code == "bad-tlp"
