"""Statements: issued in a chain, given to partners, taken from them, and read by everybody."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.advisories import store as rows
from kouprey.advisories.model import Chain, Content, Mirror, Published, Signed, Statement
from kouprey.advisories.rules.standing import APPROVING, READING, is_public, next_id
from kouprey.advisories.service.shelf import Shelf, View
from kouprey.advisories.wire.statement import (
    MEDIA_TYPE,
    check_signature,
    hash_of,
    read_signed,
    sign_statement,
    write_signed,
)
from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery, Lanes
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Party
from kouprey.people.service import People

TYPE = "statement"
"""What agreements call statements in their `types`."""
MOST = 20_000
"""Statements of one partner; one that says more is heard no further."""
AT_ONCE = 100
"""Statements that are queued for one agreement in one step."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """How many of ours went out under an agreement, how many wait, and what bars them, "" for nothing."""

    agreement: str
    title: str
    sent: int
    waiting: int
    barred: str


class Statements:
    """Verbs about statements. What is read here is public by its form: an entry that is not marked so is refused."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        lanes: Lanes,
        ring: Keyring,
        clock: Clock = wall_clock,
        *,
        origin: str,
        report: bool = False,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._ring = ring
        self._clock = clock
        self.origin = origin
        self.report = report
        """Whether strangers can report something to this node (`reports_form`)."""
        self._shelf = Shelf(store, people, clock)

    def view(self) -> View:
        """Everything on the shelf; the same object until something changes."""
        return self._shelf.view()

    def list_public(self, publisher: str = "") -> list[Published]:
        """What everybody may read of a publisher (ours without one), the newest first; Unknown for others."""
        view = self.view()
        self._check_shown(view, publisher or view.home)
        return view.of(publisher or view.home)

    def get_public(self, statement: str, publisher: str = "") -> Published:
        """One that everybody may read; Unknown where there is none."""
        view = self.view()
        self._check_shown(view, publisher or view.home)
        found = view.by_key.get((publisher or view.home, statement))
        if found is None or not found.trusted:
            raise Unknown(
                "There is no such statement.",
                "None of that id was published here.",
                "Look at the list of statements. If somebody showed you this id, it may be invented.",
                code="unknown-statement",
            )
        return found

    def chain(self, publisher: str = "") -> Chain:
        """The chain of a publisher that everybody may read."""
        view = self.view()
        self._check_shown(view, publisher or view.home)
        held = view.chains.get(publisher or view.home)
        return held if held is not None else Chain(publisher=publisher, name=publisher, links=())

    def replaced_by(self, each: Published) -> list[Statement]:
        """The earlier statements that one replaces, as far as they are here."""
        view, publisher = self.view(), each.statement.publisher
        found = (view.by_key.get((publisher, old)) for old in each.content.replaces)
        return [one.statement for one in found if one is not None]

    def card(self, publisher: str = "") -> bytes:
        """The card of a publisher, by which its key is known."""
        return self._people.get_party(publisher or self._people.home_id).note

    def issue(self, tx: Tx, content: Content, home: Party, *, by: str) -> Statement:
        """Sign the next statement of ours and put it into the chain, inside of a transaction of the desk."""
        now = self._clock() // SECOND * SECOND
        last = rows.find_last(tx, home.id)
        issued = max(now, last.issued) if last is not None else now
        for old in content.replaces:
            if rows.find_id(tx, home.id, old) is None:
                raise Refused(
                    "It replaces a statement that there is not.",
                    old,
                    "Name a statement of ours.",
                    code="no-such-earlier",
                )
        made_id = next_id(home.id, int(format_second(issued)[:4]), rows.list_ids(tx, home.id))
        statement = Statement(
            id=made_id,
            number=last.number + 1 if last is not None else 1,
            previous=last.hash if last is not None else "",
            publisher=home.id,
            name=home.name,
            issued=issued,
            url=f"{self.origin}/s/{made_id}",
            content=content,
        )
        signed = sign_statement(statement, self._ring.speaker)
        # What cannot be read back is not published: everybody else will read it by the same rules.
        check_signature(signed)
        self._keep(tx, statement, signed)
        detail: dict[str, object] = {"number": statement.number, "sha256": hash_of(signed.raw)}
        audit.append(tx, at=now, actor=by, action="statement.publish", subject=made_id, detail=detail)
        return statement

    def send_waiting(self) -> int:
        """Queue what partners do not have yet, each publisher's chain from its beginning; how many were queued."""
        with self._store.read() as reader:
            sent = rows.list_sent(reader)
            own = [each for each in rows.list_statements(reader, self._people.home_id) if not each.erased]
        todo: list[tuple[str, rows.Kept]] = []
        for standing in self._reached():
            gone = sent.get(standing.agreement, set())
            waiting = [each for each in own if each.number not in gone and not self._barred(standing, _exercise(each))]
            todo += [(standing.agreement, each) for each in waiting[:AT_ONCE]]

        def work(tx: Tx) -> None:
            for agreement, each in todo:
                signed = Signed(raw=each.body, key=each.key, signature=each.signature)
                body = EntryBody(
                    media_type=MEDIA_TYPE, label=self._label(_exercise(each)), content=write_signed(signed)
                )
                number = self._lanes.queue(tx, agreement, [body], lane_class=LaneClass.PRIORITY)[0]
                rows.add_sent(tx, agreement, each.number, number, self._clock())

        if todo:
            self._store.write(work)
        return len(todo)

    def outlook(self, who: decision.Reader) -> list[Outlook]:
        """How far partners have what we said, by agreement."""
        self.check_reads(who)
        with self._store.read() as reader:
            sent, count = rows.list_sent(reader), rows.count_statements(reader, self._people.home_id)
        return [
            Outlook(
                agreement=each.agreement,
                title=each.title,
                sent=len(sent.get(each.agreement, ())),
                waiting=count - len(sent.get(each.agreement, ())),
                barred=self._barred(each, ""),
            )
            for each in self._reached()
        ]

    def mirrors(self, who: decision.Reader) -> list[Mirror]:
        """Partners whose statements came, and whether everybody can read them here."""
        self.check_reads(who)
        view = self.view()
        return [
            Mirror(publisher=party, name=chain.name, count=len(chain.links), shown=party in view.public)
            for party, chain in sorted(view.chains.items())
            if party != view.home
        ]

    def show_mirror(self, who: decision.Reader, publisher: str, shown: bool) -> None:
        """Let everybody read here what a partner has said, or no longer; nothing of it is changed or lost."""
        self.check_roles(who, APPROVING)
        if publisher not in {each.publisher for each in self.mirrors(who)}:
            raise Unknown("That partner has published nothing.", code="unknown-publisher")

        def work(tx: Tx) -> None:
            rows.set_mirror(tx, publisher, shown, who.name, self._clock())
            detail: dict[str, object] = {"shown": shown}
            audit.append(
                tx, at=self._clock(), actor=who.name, action="statement.mirror", subject=publisher, detail=detail
            )

        self._store.write(work)

    def apply(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Keep what partners say; for each None, or why it is not applied. Never raises for content."""
        answers: list[KoupreyError | None] = []
        for delivery in deliveries:
            try:
                self._take(tx, delivery)
            except KoupreyError as error:
                answers.append(error)
            else:
                answers.append(None)
        return answers

    def erase_received(self, origin: str, author: str, indices: Sequence[int]) -> None:
        """Take the words out of what came in these entries; that something was said, and its hash, stay."""
        self._store.write(lambda tx: rows.erase_statements(tx, origin, author, indices))

    def operator(self) -> decision.Reader:
        """Whoever has the command line of the node: our own party, but no person, so that nothing is approved by it."""
        return decision.Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="operator")

    def check_reads(self, who: decision.Reader) -> None:
        """Forbidden for whoever does not work on statements here."""
        self.check_roles(who, READING)

    def check_roles(self, who: decision.Reader, roles: frozenset[str]) -> None:
        """Forbidden without one of these roles; the operator of our own node needs none to read and write."""
        if who.local and (who.name == "operator" or not roles.isdisjoint(who.roles)):
            return
        raise Forbidden(
            "That is not yours to do.",
            f"It needs one of these roles: {', '.join(sorted(map(str, roles)))}.",
            "Ask one of them.",
            code="role-missing",
        )

    def _take(self, tx: Tx, delivery: Delivery) -> None:
        signed = read_signed(delivery.content)
        said = check_signature(signed)
        if said.publisher != delivery.author:
            raise Refused("A party speaks for another one.", "A statement is its publisher's.", code="not-its-own")
        if not is_public(delivery.label) or delivery.label.exercise != said.content.exercise:
            raise Refused(
                "A statement is not marked for everybody.",
                "It is public, or it is no statement; and an exercise says so in both places.",
                code="not-public",
            )
        held = rows.find_number(tx, said.publisher, said.number) or rows.find_id(tx, said.publisher, said.id)
        if held is not None:
            if held.hash != hash_of(signed.raw):
                raise Refused(
                    "The publisher has put two statements in one place of its chain.",
                    f"Number {said.number} is here already, with other words. The first one stays.",
                    "Tell the publisher: its chain was continued twice.",
                    code="other-statement",
                )
            return
        if rows.count_statements(tx, said.publisher) >= MOST:
            raise Refused("That party has said so much that no more is kept.", code="too-many-statements")
        # Ours that came back after a loss stand as ours, wherever they were kept meanwhile.
        mine = said.publisher == self._people.home_id
        entry = ("", "", 0) if mine else (delivery.agreement, delivery.origin, delivery.index)
        self._keep(tx, said, signed, entry)
        detail: dict[str, object] = {"number": said.number, "agreement": delivery.agreement}
        audit.append(
            tx, at=self._clock(), actor=delivery.author, action="statement.receive", subject=said.id, detail=detail
        )

    def _keep(self, tx: Tx, said: Statement, signed: Signed, entry: tuple[str, str, int] = ("", "", 0)) -> None:
        agreement, origin, index = entry
        kept = rows.Kept(
            publisher=said.publisher,
            number=said.number,
            id=said.id,
            hash=hash_of(signed.raw),
            issued=said.issued,
            body=signed.raw,
            key=signed.key,
            signature=signed.signature,
            came_at=self._clock(),
            agreement=agreement,
            origin=origin,
            entry_index=index,
            erased=False,
        )
        if not rows.add_statement(tx, kept):
            raise Refused("There is a statement in that place already.", code="other-statement")

    def _reached(self) -> list[Standing]:
        """Agreements that run, have others in them, and cover statements."""
        now, found = self._clock(), []
        for standing in self._agreements.standings().values():
            others = [each for each in standing.parties if each != standing.home and each not in standing.left]
            mine = standing.home in standing.parties and standing.home not in standing.left
            runs = standing.signed and standing.starts <= now < standing.ends
            if runs and mine and others and TYPE in standing.terms.types:
                found.append(standing)
        return found

    def _barred(self, standing: Standing, exercise: str) -> str:
        label = self._label(exercise)
        for party in standing.parties:
            if party == standing.home or party in standing.left:
                continue
            reader = self._agreements.party_reader(party, exercise=exercise)
            made = self._agreements.decide([label], reader, under=standing.agreement, once_resumed=True)
            if not made.allowed:
                return made.because[0].text
        return ""

    def _label(self, exercise: str) -> Label:
        return Label(owner=self._people.home_id, tlp=TLP.CLEAR, kind=TYPE, exercise=exercise)

    def _check_shown(self, view: View, publisher: str) -> None:
        if publisher not in view.public:
            raise Unknown(
                "The statements of that party are not shown here.",
                "It is no partner, or nobody here has decided to show them.",
                "Look at its own node.",
                code="unknown-publisher",
            )


def _exercise(kept: rows.Kept) -> str:
    return check_signature(Signed(raw=kept.body, key=kept.key, signature=kept.signature)).content.exercise
