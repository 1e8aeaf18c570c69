"""A view is made once for each change."""

from __future__ import annotations

from advisories.conftest import Bureau, content


def test_the_same_view_until_something_changes(ministry: Bureau) -> None:
    empty = ministry.statements.view()
    assert ministry.statements.view() is empty and empty.every == []
    ministry.desk.draft(ministry.press, content())
    # A draft is nothing that anybody sees.
    assert ministry.statements.view() is empty
    made = ministry.publish()
    full = ministry.statements.view()
    assert full is not empty and full is ministry.statements.view()
    assert [each.id for each in full.of(ministry.party)] == [made.id] and full.public == (ministry.party,)
