"""Pages of clients: what each asked and was sent, and the remedy for what it was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kouprey.audit.model import Line
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.taxii.model.clients import Turned
from kouprey.taxii.pages.clients import remedy, words
from kouprey.taxii.service import Clients


def test_what_it_asked_and_was_sent_is_told(house: Any, visitor: Callable[..., Any]) -> None:
    house.exchange.reads.begin()
    house.keep(*(house.thing(n) for n in range(5)))
    user, secret = house.token(clearance=TLP.RED)
    client = house.client((user, secret))
    client.get("/taxii2/api/collections/main/objects/?limit=3&match[type]=malware")
    client.get("/taxii2/api/collections/main/objects/?added_after=yesterday")
    client.get("/taxii2/api/collections/main/objects/", headers={"Accept": "text/html"})
    house.client((user, "wrong")).get("/taxii2/")
    house.node.services.get(Clients).log.flush()
    house.exchange.reads.flush()
    admin = visitor()
    page = admin.text(f"/clients/{user}")
    assert "Everything" in page and "malware" in page and "asked for objects 1 time, was sent 3" in page
    assert ">2</td>" in page, "two of five wait for it"
    assert "<dd>Feed</dd>" in page, "its role by its name, as on every other page"
    for what in ("A filter or a date", "another protocol", "without a valid secret"):
        assert what in page
    assert user in admin.text("/clients") and "3 refusals" in admin.text("/clients")


def test_figures_are_for_those_who_may_see_everything(house: Any, visitor: Callable[..., Any]) -> None:
    house.keep(*(house.thing(n) for n in range(7)), tlp=TLP.RED)
    user, secret = house.token(clearance=TLP.RED)
    house.client((user, secret)).get("/taxii2/api/collections/main/objects/")
    house.node.services.get(Clients).log.flush()
    green = visitor(Role.AUDITOR, TLP.GREEN)
    for path in ("/clients", f"/clients/{user}"):
        page = green.text(path)
        assert user in page and "cleared for TLP:RED" in page
        assert "Sent in all" not in page and "Journal" not in page and "Waits for it" not in page


def test_who_sees_no_audit_sees_no_clients(house: Any, visitor: Callable[..., Any]) -> None:
    analyst = visitor(Role.ANALYST)
    assert analyst.status("/clients") == 403
    assert "Clients that read it" not in analyst.text("/collections/main")
    assert visitor().status("/clients/tok_0000") == 404


def test_strangers_are_counted_without_a_name(house: Any, visitor: Callable[..., Any]) -> None:
    for name in ("nobody", "<b>bold</b>", "tok_0000000000000000"):
        house.client((name, "wrong")).get("/taxii2/")
    house.node.services.get(Clients).log.flush()
    page = visitor().text("/clients")
    assert "Turned away without a name" in page and "3 times" in page and "bold" not in page


def test_every_refusal_has_a_remedy() -> None:
    def told(code: str, status: int) -> tuple[str, str]:
        return remedy(Turned(client="", code=code, status=status, times=1, last_at=0))

    assert all(all(told(code, 400)) for code in ("bad-parameter", "unidentified", "not-acceptable", "of-tomorrow"))
    assert "log" in told("whatever", 503)[1]


def test_lines_of_other_deeds_are_not_put_into_words() -> None:
    line = Line(id=1, at=0, actor="a", party="p", action="collection.contribute", subject="", detail={})
    assert words(line) == ("", 0, 0)
