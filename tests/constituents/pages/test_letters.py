"""The mail in both languages, and the way out of it."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

from inprocess import AppClient
from kouprey.constituents.model import Rhythm
from kouprey.constituents.pages.letters import Clerk
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import TLP
from kouprey.node.web import build_web

HERE = "http://127.0.0.1:8420"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def written(desk: Any, language: str) -> Any:
    desk.change(language=language, rhythm=Rhythm.DAILY)
    digest = desk.all.preview(desk.bank)
    assert digest is not None
    return desk.clerk.write(digest)


def test_the_mark_stands_first_in_every_language(desk: Any) -> None:
    desk.keep(desk.indicator("<b>stolen</b>", "[ipv4-addr:value = '203.0.113.9']"))
    desk.keep(desk.indicator("amber", "[ipv4-addr:value = '203.0.113.10']"), tlp=TLP.AMBER)
    english, khmer = written(desk, "en"), written(desk, "km")
    for mail in (english, khmer):
        assert mail.subject.startswith("[TLP:AMBER] ") and mail.text.startswith("TLP:AMBER\n")
        assert "&lt;b&gt;stolen" in mail.html and "<b>stolen" not in mail.html and "<b>stolen</b>" in mail.text
        assert "203.0.113.9" in mail.text and "203.0.113.10" not in mail.text
    assert "What concerns Example Bank" in english.subject and "said that concern" not in khmer.text
    assert any("\u1780" <= letter <= "\u17ff" for letter in khmer.subject)


def test_whoever_has_the_link_of_a_mail_pauses_or_ends_it(desk: Any) -> None:
    contact = desk.all.add_contact(desk.bank, "Sok Dara", "security@bank.example", by="test")
    client = AppClient(build_web(desk.node), base_url="http://127.0.0.1:8420", follow_redirects=False)
    path = desk.clerk.leave_link(contact).removeprefix("http://127.0.0.1:8420")
    origin = {"Origin": "http://127.0.0.1:8420"}
    assert "security@bank.example" in client.get(path).text
    assert desk.all.contacts(desk.bank)[0].paused_until == 0, "opening it changes nothing"
    for wish, until in (("pause", desk.now + 30 * 86_400_000_000), ("end", FOREVER), ("again", 0), ("else", 0)):
        assert client.post(path, data={"wish": wish}, headers=origin).status_code == 303
        assert desk.all.contacts(desk.bank)[0].paused_until == until
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert client.get("/digest/ctc_nobody/AAAAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    desk.all.remove_contact(desk.bank, contact.id, by="test")
    assert client.get(path).status_code == 404


def test_a_mail_program_ends_it_with_one_request(desk: Any, box: Any) -> None:
    """RFC 8058: the address and the word come out of a mail that has gone through a relay."""
    kept, port = box
    desk.relay(port)
    desk.daily()
    desk.keep(desk.indicator("stolen", "[ipv4-addr:value = '203.0.113.9']"))
    ring = desk.node.services.get(Keyring)
    for origin in (HERE, "https://cert.example"):
        desk.all.write_now(desk.bank, by="test")
        desk.all.post(Clerk(ring, origin).write)
        desk.keep(desk.indicator("stolen again", "[ipv4-addr:value = '203.0.113.10']"))
    plain, sealed = (message_from_bytes(each.content, policy=policy.default) for each in kept.came)
    assert plain["List-Unsubscribe-Post"] is None, "without https nobody may be asked to do so"
    assert sealed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = sealed["List-Unsubscribe"].strip("<>")
    assert address.startswith("https://cert.example/digest/ctc_") and address.endswith("/now")
    assert address.removesuffix("/now") in sealed.get_body(("plain",)).get_content(), "people get the page"

    # No cookie, no origin, and a name of its own, as the server of a mail provider has it.
    provider = AppClient(build_web(desk.node), base_url=HERE, follow_redirects=False, headers={"User-Agent": "mail"})
    path = address.removeprefix("https://cert.example")
    assert provider.get(path).headers["location"] == path.removesuffix("/now")
    for wrong in ({"data": {"List-Unsubscribe": "no"}}, {"content": b""}, {"content": b"x" * 5000}):
        assert provider.post(path, **wrong).status_code in (400, 413, 422)
    assert provider.post(path[:-7] + "AAA/now", data=ONE_CLICK).status_code == 404
    assert desk.all.contacts(desk.bank)[0].paused_until == 0, "nothing of this ended anything"
    for given in ({"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}):
        desk.all.pause(desk.all.contacts(desk.bank)[0].id, 0)
        assert provider.post(path, **given).status_code == 200
        assert desk.all.contacts(desk.bank)[0].paused_until == FOREVER
    desk.all.write_now(desk.bank, by="test")
    assert desk.post() == 0 and len(kept.came) == 2
