"""Concerns: recalls, other markings, false positives and feedback, said to partners and outstanding until answered."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from kouprey.agreements.model import Standing
from kouprey.agreements.model.citing import rests_on
from kouprey.exchange.model import ObjectView
from kouprey.exchange.model.concerning import Answer, Answered, Concern, ConcernKind, Outcome, Said
from kouprey.exchange.service.giving import Giving
from kouprey.exchange.store import concerning as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire.concerns import LONGEST, MEDIA_TYPE, read_concern, write_concern
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery
from kouprey.kernel.storage import audit, labels
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP, parse_tlp

MOST_CONCERNS = 200


class Concerning(Giving):
    """Verbs about what was given; each travels as a signed entry on the priority lane of its agreement."""

    def raise_concern(
        self,
        who: Reader,
        stix_id: str,
        kind: ConcernKind,
        *,
        text: str,
        by: str,
        tlp: str = "",
        under: str = "",
    ) -> tuple[Concern, ...]:
        """Say something to those who gave us an object or were given it; one for each agreement, or that of `under`.

        Of what we gave: a recall or another marking (`tlp`), to all who were given it. Of what came: feedback, to
        whoever gave it. A false positive: to both. Each is said at the level at which the object was given, so nobody
        learns more by it. Refused when nobody is there to say it to.
        """
        self._check_concern(who, kind, text, tlp)
        found = self.get_object(who, stix_id)
        made: list[tuple[Concern, Label]] = []
        for agreement, (parties, level) in self._addressed(found, kind, under).items():
            standing = self._agreements.get_standing(agreement)
            self._may_publish(standing)
            label = self._label_for(standing, parties, level, who)
            self._check_label(standing, label, parties)
            concern = Concern(
                id=f"con_{uuid4().hex}",
                author=self._people.home_id,
                agreement=agreement,
                kind=kind,
                stix_id=found.stix_id,
                tlp=tlp,
                text=text.strip(),
                parties=parties,
                said_by=by,
                at=self._clock(),
            )
            made.append((concern, label))
        if not made:
            raise _nobody(kind)

        def work(tx: Tx) -> None:
            for concern, label in made:
                rows.insert(tx, concern, self._set_of(tx, label))
                said = Said(
                    v=1,
                    id=concern.id,
                    kind=kind,
                    about=concern.stix_id,
                    text=concern.text,
                    parties=concern.parties,
                    tlp=tlp,
                )
                self._send_concern(tx, concern.agreement, label, said, concern.parties)
                detail = {"object": concern.stix_id, "kind": kind, "agreement": concern.agreement}
                self._record_concern(tx, concern.id, "raise", by, detail)

        self._store.write(work)
        return tuple(concern for concern, _ in made)

    def answer_concern(self, who: Reader, concern: str, outcome: Outcome, *, text: str, by: str) -> Concern:
        """Answer what a partner said of something; whoever said it learns of the answer. Once, and for good."""
        self._check_text(text)
        if outcome == "declined" and not text.strip():
            raise Damaged("A reason is missing.", remedy="Say why you do not follow it.", code="no-reason")
        held = self.get_concern(who, concern)
        home = self._people.home_id
        if home not in held.parties:
            raise Refused("Nobody asked you.", "It is for other parties.", code="not-asked")
        standing = self._agreements.get_standing(held.agreement)
        self._may_publish(standing)

        def work(tx: Tx) -> None:
            answer = Answer(party=home, outcome=outcome, text=text.strip(), by=by, at=self._clock())
            if not rows.add_answer(tx, held.id, answer):
                raise Refused("It is answered already.", remedy="Look at the answer.", code="answered-already")
            # The words of whoever asked are not repeated, so the answer is as open as the agreement lets it be.
            parties = (held.author, *held.parties)
            label = self._label_for(standing, parties, self._level_of(tx, held, standing), who)
            said = Answered(v=1, answers=held.id, outcome=outcome, text=answer.text)
            self._send_concern(tx, held.agreement, label, said, parties)
            self._record_concern(tx, held.id, "answer", by, {"outcome": outcome, "object": held.stix_id})

        self._store.write(work)
        return self.get_concern(who, concern)

    def list_outstanding(self, who: Reader, *, limit: int = MOST_CONCERNS) -> list[Concern]:
        """What we said and partners owe an answer to, newest first."""
        return self._concerns(who, author=self._people.home_id, unanswered=True, limit=limit)

    def list_asked(self, who: Reader, *, limit: int = MOST_CONCERNS) -> list[Concern]:
        """What partners said and we owe an answer to, newest first."""
        home = self._people.home_id
        return self._concerns(who, not_author=home, owed_by=home, limit=limit)

    def list_concerns_of(self, who: Reader, stix_id: str) -> list[Concern]:
        """All that was said of one object, by us and by partners."""
        return self._concerns(who, stix_id=stix_id, limit=20)

    def list_answered(self, who: Reader, *, limit: int = 50) -> list[Concern]:
        """What nobody owes an answer to any more, newest first."""
        home = self._people.home_id
        return [
            each
            for each in self._concerns(who, limit=limit)
            if not (each.outstanding if each.author == home else home in each.outstanding)
        ]

    def get_concern(self, who: Reader, concern: str) -> Concern:
        """By its id; Unknown when there is none that `who` may see."""
        found = self._concerns(who, id=concern, limit=1) if concern else []
        if not found:
            raise Unknown("No such concern is known here.", remedy="Look at the list.", code="unknown-concern")
        return found[0]

    def apply_concerns(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Keep what partners said or answered; for each None, or why it is not applied. Never raises for content."""
        answers: list[KoupreyError | None] = []
        for delivery in deliveries:
            try:
                said = read_concern(delivery.content)
                if isinstance(said, Said):
                    self._take_concern(tx, delivery, said)
                else:
                    self._take_answer(tx, delivery, said)
            except KoupreyError as error:
                answers.append(error)
            else:
                answers.append(None)
        return answers

    def _take_concern(self, tx: Tx, delivery: Delivery, said: Said) -> None:
        made = Concern(
            id=said.id,
            author=delivery.author,
            agreement=delivery.agreement,
            kind=said.kind,
            stix_id=said.about,
            tlp=said.tlp,
            text=said.text,
            parties=tuple(party for party in said.parties if party != delivery.author),
            said_by="",
            at=self._clock(),
        )
        held = rows.find(tx, said.id)
        if held is not None and held.author != delivery.author:
            raise Refused("Another party has said something under this id.", code="id-taken")
        rows.insert(tx, made, self._set_of(tx, delivery.label))

    def _take_answer(self, tx: Tx, delivery: Delivery, said: Answered) -> None:
        held = rows.find(tx, said.answers)
        if held is None or held.agreement != delivery.agreement or delivery.author not in held.parties:
            raise Refused(
                "It answers what nobody asked that party.", "It is kept in quarantine.", code="unasked-answer"
            )
        rows.add_answer(
            tx,
            held.id,
            Answer(party=delivery.author, outcome=said.outcome, text=said.text, by="", at=self._clock()),
        )

    def _addressed(self, found: ObjectView, kind: ConcernKind, under: str) -> dict[str, tuple[tuple[str, ...], TLP]]:
        """Agreement -> who is to answer, and the level at which the object was given under it."""
        made: dict[str, tuple[tuple[str, ...], TLP]] = {}
        if kind != "feedback":
            for line in found.publications:
                known, before = made.get(line.agreement, ((), TLP.CLEAR))
                made[line.agreement] = (tuple(sorted({*known, *line.parties})), max(before, line.tlp))
        if kind in ("false-positive", "feedback"):
            for version in found.versions:
                for label in (said.label for body in version.bodies for said in body.assertions):
                    if label.agreement and label.owner != self._people.home_id:
                        parties, before = made.get(label.agreement, ((), TLP.CLEAR))
                        made[label.agreement] = (tuple(sorted({*parties, label.owner})), max(before, label.tlp))
        return {agreement: each for agreement, each in made.items() if under in ("", agreement)}

    def _check_concern(self, who: Reader, kind: ConcernKind, text: str, tlp: str) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        self._check_text(text)
        if not text.strip():
            raise Damaged("The text is missing.", remedy="Say why, for whoever gets it.", code="no-text")
        if kind == "retag":
            try:
                parse_tlp(tlp)
            except ValueError as error:
                raise Damaged("It is not clear which marking it shall carry.", str(error), code="bad-tlp") from error
        elif tlp:
            raise Damaged("Only another marking names a level.", code="bad-tlp")

    @staticmethod
    def _check_text(text: str) -> None:
        if len(text) > LONGEST or "\0" in text:
            raise Damaged("The text is too long.", f"At most {LONGEST:,} characters are kept.", code="too-long")

    def _label_for(self, standing: Standing, parties: Sequence[str], level: TLP, who: Reader) -> Label:
        """What is said to some of the parties alone is sealed to them."""
        meant = {standing.home, *parties}
        sealed = () if meant >= set(standing.parties) else tuple(sorted(meant))
        return Label(owner=standing.home, tlp=level, sealed_to=sealed, exercise=who.exercise)

    def _check_label(self, standing: Standing, label: Label, parties: Sequence[str]) -> None:
        """Refused with the clause when some party may not be told at this level any more."""
        for party in standing.parties:
            if party == standing.home or party not in parties:
                continue
            asked = self._agreements.party_reader(party, exercise=label.exercise)
            made = self._agreements.decide([label], asked, under=standing.agreement, once_resumed=True, released=True)
            if not made.allowed:
                first = made.because[0]
                raise Refused(
                    f"{party} may not be told under clause {first.clause} of “{standing.title}”.",
                    first.text,
                    first.change[0] if first.change else "",
                    code=first.code,
                    detail=rests_on(standing.agreement, standing.title, first.clause),
                )

    def _level_of(self, tx: Tx, held: Concern, standing: Standing) -> TLP:
        """The level at which the concern came: an answer says no more than that."""
        return min(rows.level_of(tx, held.id), standing.tlp_ceiling)

    def _send_concern(
        self, tx: Tx, agreement: str, label: Label, said: Said | Answered, parties: Sequence[str]
    ) -> None:
        """To those whom it concerns, and to nobody who does not know of the object."""
        body = EntryBody(media_type=MEDIA_TYPE, label=label, content=write_concern(said))
        self._lanes.queue(tx, agreement, [body], lane_class=LaneClass.PRIORITY, parties=parties)

    def _set_of(self, tx: Tx, label: Label) -> int:
        return self._agreements.label_set(tx, [labels.intern_label(tx, label)])

    def _concerns(
        self,
        who: Reader,
        *,
        author: str = "",
        not_author: str = "",
        stix_id: str = "",
        id: str = "",
        owed_by: str = "",
        unanswered: bool = False,
        limit: int,
    ) -> list[Concern]:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        eyes: Eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_seen(
                reader,
                eyes,
                author=author,
                not_author=not_author,
                stix_id=stix_id,
                id=id,
                owed_by=owed_by,
                unanswered=unanswered,
                limit=limit,
            )

    def _record_concern(self, tx: Tx, concern: str, done: str, by: str, detail: dict[str, str]) -> None:
        audit.append(tx, at=self._clock(), actor=by, action=f"concern.{done}", subject=concern, detail=dict(detail))


def _nobody(kind: ConcernKind) -> Refused:
    return Refused(
        "There is nobody to say this to.",
        "You gave it to no partner." if kind in ("recall", "retag") else "It came under no agreement.",
        "Act on it here.",
        code="nobody-to-tell",
    )
