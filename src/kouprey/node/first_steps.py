"""The pages of the first steps: what a new node needs, one after the other, each done here or on its own page."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from starlette.responses import Response

from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.node.assemble import Node
from kouprey.node.setup import SAMPLE, Setup, Step
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/setup"

TITLES: Mapping[Step, tuple[str, str]] = {
    Step.PARTY: (mark("Say who you are"), mark("The name that partners read on your card, and its words.")),
    Step.LOOK: (mark("Choose language and look"), mark("For you, in this browser; everybody chooses for themselves.")),
    Step.SIGN_IN: (
        mark("Protect your own sign-in"),
        mark("You may do everything here. A passkey or an authenticator app keeps that yours."),
    ),
    Step.COLLEAGUES: (
        mark("Invite colleagues"),
        mark("At least a second administrator, so that a lost telephone locks nobody out."),
    ),
    Step.INTELLIGENCE: (
        mark("Bring in the first intelligence"),
        mark("A file of your own, or invented samples to look around with."),
    ),
    Step.PARTNER: (mark("Take in a partner's card"), mark("Compare its words over the telephone, then trust it.")),
    Step.AGREEMENT: (mark("Propose an agreement"), mark("Nothing is exchanged without one that both have signed.")),
    Step.SAFE: (
        mark("Keep it safe"),
        mark("A backup somewhere else, and the root key off this machine."),
    ),
}
"""Step -> its title, and why one does it."""


class NewName(Asked, frozen=True, kw_only=True):
    """Another name of our own party."""

    name: str


class Card(Struct, kw_only=True):
    """Our card as it stands: `words` are those of the root key."""

    party: str
    name: str
    serial: int
    words: tuple[str, ...]


def routes(node: Node) -> list[Door]:
    """The doors."""
    desk, roles = _Desk(node), roles_with(Permission.PEOPLE)
    return [
        page(PATH, desk.show, roles=roles),
        page(f"{PATH}/party", desk.rename, "POST", roles=roles),
        page(f"{PATH}/step", desk.mark, "POST", roles=roles),
        page(f"{PATH}/away", desk.put_away, "POST", roles=roles),
        page(f"{PATH}/sample", desk.sample, "POST", roles=roles),
        api(
            "PATCH",
            "/party",
            desk.rename_by_program,
            takes=NewName,
            gives=Card,
            group="The node",
            roles=roles,
            fails={"no-root-key": 404, "bad-party-name": 400},
            does=(f"POST {PATH}/party",),
            repeatable=True,
            summary="Call our own party otherwise: signs a newer card, for which the root key must be here.",
        ),
    ]


class _Desk:
    """What the pages ask of the node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._setup = Setup(node)
        self._people = node.services.get(People)

    def show(self, request: Request) -> Response:
        steps = self._setup.list(self._people.get_person(request.reader.name))
        home = self._people.home()
        first = next((each.step for each in steps if not each.done), None)
        return request.render(
            "node/setup.html",
            steps=[(each, *map(_, TITLES[each.step])) for each in steps],
            first=first,
            done=sum(each.done for each in steps),
            home=home,
            words=self._people.fingerprint(home.id),
            root_key=self._node.services.get(Keyring).root is not None,
            data=str(self._node.data),
            wanted=self._setup.wanted(),
            sample=SAMPLE,
        )

    def rename(self, request: Request) -> Response:
        before = self._people.home().name
        try:
            made = self._people.renew_card(name=request.field("name"), by=request.reader.name)
        except KoupreyError as error:
            return request.redirect(PATH, str(error), "bad")
        request.site.rename(made.name)
        self._setup.mark(Step.PARTY, True)
        said = _("Your card says %(name)s now.") % {"name": made.name}
        return request.redirect(PATH, said, undo=Undo(f"{PATH}/party", {"name": before}))

    def rename_by_program(self, request: Request, asked: NewName) -> Card:
        made = self._people.renew_card(name=asked.name, by=request.reader.name)
        request.site.rename(made.name)
        return Card(party=made.id, name=made.name, serial=made.card.serial, words=self._people.fingerprint(made.id))

    def mark(self, request: Request) -> Response:
        word, done = request.field("step"), request.field("done") == "yes"
        if word not in list(Step):
            raise Damaged(mark("There is no such step."), "", mark("Choose one of the list."), code="bad-step")
        self._setup.mark(Step(word), done)
        undo = Undo(f"{PATH}/step", {"step": word, "done": "no" if done else "yes"})
        title = _(TITLES[Step(word)][0])
        said = _("%(title)s: taken as done.") if done else _("%(title)s: open again.")
        return request.redirect(PATH, said % {"title": title}, undo=undo)

    def put_away(self, request: Request) -> Response:
        away = request.field("away") == "yes"
        self._setup.put_away(away, by=request.reader.name)
        if not away:
            return request.redirect(PATH, _("The list is back in the navigation."))
        said = _("The list is put away; Settings leads to it.")
        return request.redirect("/", said, undo=Undo(f"{PATH}/away", {"away": "no"}))

    def sample(self, request: Request) -> Response:
        report = self._setup.take_sample(by=request.reader.name)
        kept = report.new + report.repeats
        said = _("%(count)s invented objects are here. Their source is called %(source)s.")
        return request.redirect(PATH, said % {"count": kept, "source": SAMPLE})
