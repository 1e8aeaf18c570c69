"""Keys by programs: words and cuts, never a secret, and for those alone who keep links."""

from __future__ import annotations

from typing import Any

from kouprey.federation.api import keys
from kouprey.people.model import Permission, Role, roles_with


def test_keys_are_told_to_who_keeps_links(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    told = programs.client(Role.LIAISON).get("keys").json()
    assert [each["kind"] for each in told["keys"]] == ["root", "node", "receipt", "age"]
    assert told["keys"][0]["words"] == list(programs.people.fingerprint(programs.home))
    assert set(told["keys"][0]) == set(keys.Key.__struct_fields__)
    assert (told["root_key"], told["replacing"], told["revoked"]) == (True, "", [])
    (partner,) = told["partners"]
    assert partner["id"] == programs.partner and partner["heard"] is True
    assert partner["words"] == list(programs.people.fingerprint(programs.partner))
    may = {str(role) for role in roles_with(Permission.LINK)}
    for role in (Role.ANALYST, Role.AUDITOR, Role.LIAISON):
        assert (programs.client(role).get("keys").status_code == 200) is (role in may)
