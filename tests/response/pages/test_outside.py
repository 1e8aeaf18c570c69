"""The page behind a link, as people without an account see it, in four languages, and what it never tells."""

from __future__ import annotations

import re
from typing import Any

import pytest

from inprocess import AppClient
from kouprey.kernel.web.catalogue import Catalogue
from kouprey.kernel.web.language import LANGUAGES
from kouprey.kernel.words.tlp import TLP
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.response.model import Decline, Stage, Urgency, Verb, Wanted
from kouprey.response.model.contacts import TONGUES, Contact
from kouprey.response.rules.outside import ANSWERS
from response.conftest import HERE

CANARY = "canary-9b1c"
TITLE = "Block the loader of canary-77aa"


def stranger(office: Any) -> AppClient:
    return AppClient(build_web(office.node), base_url=HERE, follow_redirects=False)


def lead(office: Any) -> Any:
    return office.handoffs.speaker(
        office.handoffs.operator(), [str(role) for role in (Role.LEAD, Role.LIAISON, Role.LEGAL, Role.DUTY_OFFICER)]
    )


def linked(
    office: Any, *, tlp: TLP = TLP.GREEN, kind: str = "act", language: str = "en", number: str = "MY-7", **given: Any
) -> tuple[str, str]:
    """A hand-off and the secret of a link for it."""
    contact = office.contacts.record(
        lead(office),
        Contact(
            id="",
            name="Somchai",
            team="Hospital",
            mail="soc@hospital.example",
            language=language,
            zone="Asia/Bangkok",
            **given,
        ),
    )
    wanted = Wanted(
        agreement="",
        to="",
        kind=kind,
        title=TITLE,
        text=f"It calls {CANARY}.",
        tlp=tlp,
        number=number,
        refs=("203.0.113.7",),
        report_within_s=86_400,
    )
    handoff = office.contacts.ask(lead(office), contact.id, wanted).id
    return handoff, office.contacts.make_link(lead(office), handoff, contact.id)[0]


def post(client: AppClient, secret: str, **fields: str) -> Any:
    return client.post(f"/reply/{secret}", data=fields, headers={"Origin": HERE})


def seen(text: str) -> str:
    return re.findall(r'name="seen" value="([^"]*)"', text)[0]


def test_a_yes_without_an_account(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a)
    client = stranger(a)
    page = client.get(f"/reply/{secret}")
    assert page.status_code == 200 and CANARY in page.text and "203.0.113.7" in page.text and "MY-7" in page.text
    assert "<script" not in page.text and "style=" not in page.text
    assert page.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert page.headers["referrer-policy"] == "same-origin" and page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    for _ in range(3):
        assert client.get(f"/reply/{secret}").text == page.text
        assert client.request("HEAD", f"/reply/{secret}").status_code == 200
    assert a.handoffs.get(lead(a), handoff).course.stage is Stage.REQUESTED, "opening says nothing"
    fields = {"verb": "accept", "text": "Tonight.", "number": "H-4", "seen": seen(page.text)}
    for said in ("done", "again"):
        answer = post(client, secret, **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/reply/{secret}?said={said}")
    after = client.get(f"/reply/{secret}?said=done").text
    assert "It is recorded." in after and "H-4" in after and "MY-7" in after and ">accepted<" in after
    ours = a.visitor(Role.LEAD).text(f"/handoffs/{handoff}")
    assert "by link" in ours and "case H-4" in ours and "Somchai" in ours
    stale = post(client, secret, verb="decline", text="No.", reason="capacity", seen=fields["seen"])
    assert stale.status_code == 409 and "Meanwhile something else was said." in stale.text
    missing = post(client, secret, verb="report", text="", seen=seen(stale.text))
    assert missing.status_code == 400 and "The words are missing." in missing.text
    assert post(client, secret, verb="close").status_code == 400


def test_above_green_nothing_is_shown_to_what_only_follows_links(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a, tlp=TLP.AMBER)
    client = stranger(a)
    page = client.get(f"/reply/{secret}").text
    assert CANARY not in page and "canary-77aa" not in page and "203.0.113.7" not in page
    assert "Show what is asked" in page and "Accept" not in page
    shown = post(client, secret, verb="look")
    assert shown.status_code == 200 and CANARY in shown.text and "canary-77aa" in shown.text
    assert a.handoffs.get(lead(a), handoff).course.stage is Stage.REQUESTED
    assert post(client, secret, verb="accept", seen=seen(shown.text)).status_code == 303
    with a.node.store.read() as reader:
        assert reader.value("SELECT count(*) FROM audit WHERE action = 'handoff.link-look'") == 1


def test_a_form_of_another_site_says_nothing(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a)
    for headers in ({"Origin": "https://evil.example"}, {}):
        answer = stranger(a).post(f"/reply/{secret}", data={"verb": "accept"}, headers=headers)
        assert answer.status_code == 403 and CANARY not in answer.text
    assert a.handoffs.get(lead(a), handoff).course.stage is Stage.REQUESTED


def test_somebody_who_is_signed_in_can_press_too(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a)
    visitor = a.visitor(Role.ANALYST)
    page = visitor.text(f"/reply/{secret}")
    assert visitor.post(f"/reply/{secret}", verb="acknowledge", seen=seen(page)).status_code == 303
    assert a.handoffs.get(lead(a), handoff).course.stage is Stage.ACKNOWLEDGED


def test_links_that_open_nothing_look_alike(offices: Any) -> None:
    a, _, _ = offices
    _, over = linked(a)
    _, taken = linked(a)
    held = a.contacts.open(taken)
    a.contacts.revoke_link(lead(a), held.held.asked.id, held.link.id)
    a.ahead = 10 * 86_400
    texts = set()
    for secret in (over, taken, "x" * 43, "y" * 43):
        for answer in (stranger(a).get(f"/reply/{secret}"), post(stranger(a), secret, verb="accept")):
            assert answer.status_code == 404
            texts.add(answer.text.replace(secret, ""))
    assert len(texts) == 1 and "This link leads nowhere." in texts.pop()
    assert "លីង" not in stranger(a).get("/reply/zz", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize("language", ["km", "th", "ms"])
def test_whatever_it_says_is_said_in_the_language_of_the_contact(
    offices: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one text of the page, the mail, the paper and the empty answer is left in English."""
    a, _, _ = offices
    lacking: set[str] = set()
    plain, retold = Catalogue.gettext, Catalogue.told

    def gettext(self: Catalogue, message: str, context: str = "") -> str:
        if self.language == language and message and (context, message) not in self.messages:
            lacking.add(message)
        return plain(self, message, context)

    def told(self: Catalogue, sentence: str) -> str:
        said = retold(self, sentence)
        if self.language == language and said == sentence:
            lacking.add(sentence)
        return said

    monkeypatch.setattr(Catalogue, "gettext", gettext)
    monkeypatch.setattr(Catalogue, "told", told)
    assert (language in LANGUAGES) == (language == "km"), "the others are offered for this page alone"
    client = stranger(a)
    for tlp in (TLP.GREEN, TLP.AMBER):
        handoff, secret = linked(a, tlp=tlp, language=language)
        a.contacts.letter(lead(a), handoff, secret)
        for verb, text in (("acknowledge", ""), ("query", "?"), ("accept", "!")):
            page = post(client, secret, verb="look").text
            assert f'<html lang="{language}">' in page
            post(client, secret, verb=verb, text=text, seen="")
            client.get(f"/reply/{secret}?said=done")
            client.get(f"/reply/{secret}?said=again")
    _, secret = linked(a, language=language)
    for verb in ("close", "report", "accept", "start", "progress", "report", "accept"):
        post(client, secret, verb=verb, text="x" if verb == "progress" or verb == "report" else "")
    handoff, secret = linked(a, language=language)
    post(client, secret, verb="decline", text="No.")
    post(client, secret, verb="decline", text="No.", reason="capacity")
    a.contacts.letter(lead(a), handoff, secret)
    client.get("/reply/zz", headers={"Accept-Language": language})
    with_tables(language)
    assert not lacking, "\n".join(sorted(lacking))


def with_tables(language: str) -> None:
    """Every word that a table could put there."""
    from kouprey.kernel.web.language import _
    from kouprey.response.pages import words
    from kouprey.response.wire.letter import MEANS, spoken

    texts = [*words.KINDS.values(), *words.CLOCKS.values(), *MEANS.values()]
    texts += [words.REASONS[each] for each in Decline] + [words.URGENCIES[each][0] for each in Urgency]
    texts += [words.STAGES[each][0] for each in Stage] + [words.SAID[each][0] for each in Verb]
    texts += [text for verb in ANSWERS for text in words.DO[verb]]
    spoken(language, lambda: [_(text) for text in texts])


def test_the_page_lets_its_reader_choose_and_answers_in_that_language(offices: Any) -> None:
    a, _, _ = offices
    _, secret = linked(a, language="th")
    client = stranger(a)
    assert "noto-sans-thai" in client.get(f"/reply/{secret}").text
    for language in TONGUES:
        page = client.get(f"/reply/{secret}?lang={language}").text
        assert f'<html lang="{language}">' in page and f'action="/reply/{secret}?lang={language}"' in page
    answer = post(client, f"{secret}?lang=ms", verb="acknowledge")
    assert answer.headers["location"].endswith("said=done&lang=ms")


def test_words_of_strangers_are_shown_as_text(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a)
    evil = "<script>alert(1)</script>"
    post(stranger(a), secret, verb="acknowledge", number=evil)
    post(stranger(a), secret, verb="query", text=evil)
    for text in (stranger(a).get(f"/reply/{secret}").text, a.visitor(Role.LEAD).text(f"/handoffs/{handoff}")):
        assert evil not in text and "&lt;script&gt;" in text
