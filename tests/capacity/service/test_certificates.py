"""What other bodies have certified: recorded by its holder, looked at by somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.capacity.model import Certificate
from kouprey.capacity.service.certificates import Certificates
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.people.model import Role

GIVEN = Certificate(
    id="", holder="", issuer="A body", title="Global ACE digital forensics", number="17/26", valid_until="2029-11-30"
)


def test_from_the_holder_to_whoever_has_looked(pair: tuple[Any, Any, str]) -> None:
    host, _, _ = pair
    capacity: Certificates = host.capacity
    dara, sok, lead = host.reader(Role.ANALYST, name="psn_d"), host.reader(Role.ANALYST, name="psn_s"), host.reader()
    made = capacity.add_certificate(dara, GIVEN)
    assert (made.holder, made.checked_by) == ("psn_d", "")
    assert [each.id for each in capacity.certificates(dara)] == [made.id]
    assert capacity.certificates(sok) == []
    assert capacity.certificates(sok, "psn_d") == [], "nobody asks for another's"
    assert [each.id for each in capacity.certificates(lead)] == [made.id]
    with pytest.raises(Forbidden):
        capacity.check_certificate(sok, made.id)
    capacity.check_certificate(lead, made.id)
    assert capacity.certificates(dara)[0].checked_by == "psn_lead"
    own = capacity.add_certificate(lead, GIVEN)
    with pytest.raises(Refused, match="own"):
        capacity.check_certificate(lead, own.id)
    with pytest.raises(Forbidden):
        capacity.withdraw_certificate(sok, made.id)
    capacity.withdraw_certificate(dara, made.id)
    assert capacity.certificates(dara)[0].withdrawn_at
    with pytest.raises(Unknown):
        capacity.check_certificate(lead, "crt_other")


@pytest.mark.parametrize("wrong", [{"number": ""}, {"valid_until": "soon"}, {"scheme": "none"}, {"issuer": "\x00"}])
def test_what_cannot_be_kept_is_said(one: tuple[Any, Any, str], wrong: dict[str, str]) -> None:
    import msgspec

    host, _, _ = one
    with pytest.raises(Damaged) as found:
        host.capacity.add_certificate(host.reader(), msgspec.structs.replace(GIVEN, **wrong))
    assert found.value.code == "bad-certificate"
    with pytest.raises(Forbidden):
        host.capacity.add_certificate(
            host.reader(Role.ANALYST, name="psn_s"), msgspec.structs.replace(GIVEN, holder="psn_d")
        )
