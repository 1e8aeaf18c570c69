"""Writing by hand: keep a draft, give what is ours a next version, and take either back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.model.writing import Draft, Looked, Written
from kouprey.exchange.rules import released
from kouprey.exchange.rules.drafting import later
from kouprey.exchange.rules.making import MARKING
from kouprey.exchange.service.drafts import Drafts, labels_of
from kouprey.exchange.service.gate import parties_of
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Party

_COMMON = frozenset(
    {"type", "spec_version", "id", "created_by_ref", "created", "modified", "object_marking_refs", "revoked"}
)


class Writing(Drafts):
    """Verbs for what people write. All of it is kept by the one entrance, like what comes from elsewhere."""

    def write(self, draft: Draft, *, who: Reader, by: str) -> Written:
        """Keep a draft as a new object by our own identity.

        An indicator is related (`indicates`) with each of its links; a sighting and a note are told to the parties of
        the agreements their target came under, and inherit what binds it. Damaged (`detail["field"]`) for the first
        problem of the draft, Unknown for a link that `who` may not see.
        """
        looked = self._look(draft, who, None)
        _raise_first(looked)
        draft = looked.draft
        if draft.kind in ("sighting", "note"):
            target = self.get_object(who, draft.links[0])
            if draft.kind == "sighting":
                self._check(target, draft.count, draft.since, draft.until)
            said = {name: value for name, value in looked.body.items() if name not in _COMMON}
            made, _reports = self._say(target, draft.kind, said, by=by, detail={"of": target.stix_id})
            return Written(stix_id=made)
        home = self._author()
        sealed = self._sealed_for(draft)
        label = Label(owner=home.id, tlp=draft.tlp, pap=draft.pap, sealed_to=sealed, exercise=who.exercise)
        ties = [_tie(looked.body, link) for link in draft.links] if draft.kind == "indicator" else []
        detail = {"tlp": draft.tlp.word, "score": looked.appraisal.score}
        self._keep_ours([looked.body, *ties], label, home, "exchange.write", str(looked.body["id"]), detail, by)
        return Written(stix_id=looked.body["id"], with_it=tuple(each["id"] for each in ties))

    def make(
        self,
        value: Mapping[str, Any],
        *,
        tlp: TLP,
        kind: str = "intelligence",
        action: str,
        who: Reader,
        by: str,
    ) -> str:
        """Keep an object that another capability has made in our name; its id.

        Author and marking are put in here. `kind` is what agreements speak of in their `types`, `action` what the
        trail calls it. Refused where our card has no identity.
        """
        home = self._author()
        body = {**value, "created_by_ref": home.card.identities[0], "object_marking_refs": [MARKING[tlp]]}
        label = Label(owner=home.id, tlp=tlp, kind=kind, exercise=who.exercise)
        stix_id = str(value["id"])
        self._keep_ours([body], label, home, action, stix_id, {"tlp": tlp.word}, by)
        return stix_id

    def _sealed_for(self, draft: Draft) -> tuple[str, ...]:
        """The parties a draft is meant for, () for no audience; Unknown when there is no such agreement or audience."""
        agreement, _slash, name = draft.audience.partition("/")
        if not agreement:
            return ()
        standing = self._agreements.get_standing(agreement)
        return tuple(sorted({standing.home, *(parties_of(standing, name) or standing.parties)}))

    def revise(self, stix_id: str, draft: Draft, *, seen: Instant, who: Reader, by: str) -> Written:
        """Give an object of ours its next version. `seen` is the instant of the version that was edited.

        Refused when that is no longer the newest, when nobody here may edit it, and when nothing was changed; Damaged
        for the first problem of the draft.
        """
        found, before = self._editable(who, stix_id)
        if found.newest.instant != seen:
            raise Refused(
                "It has changed since you opened it.",
                "Somebody has given it another version in the meantime.",
                "Open it again, look at what is new, and repeat your change.",
                code="changed-meanwhile",
            )
        looked = self._look(draft, who, before)
        _raise_first(looked)
        draft = looked.draft
        home = self._author()
        known = self._indicated(who, stix_id) if draft.kind == "indicator" else set()
        ties = [_tie(looked.body, link) for link in draft.links if link not in known]
        if draft.kind != "indicator":
            ties = []
        if not looked.changed and not ties:
            raise Refused("Nothing was changed.", "It says what it said before.", "Change something.", code="unchanged")
        label = released(labels_of(found), home.id)
        if draft.kind in ("indicator", "report"):
            # Without a choice it stays with whom it is meant for already.
            sealed = self._sealed_for(draft) or label.sealed_to
            label = msgspec.structs.replace(label, tlp=draft.tlp, pap=draft.pap, sealed_to=sealed)
        detail = {"tlp": label.tlp.word, "score": looked.appraisal.score}
        self._keep_ours([looked.body, *ties], label, home, "exchange.revise", stix_id, detail, by)
        return Written(stix_id=stix_id, with_it=tuple(each["id"] for each in ties))

    def revoke(self, stix_id: str, *, with_it: Sequence[str] = (), who: Reader, by: str) -> Written:
        """Take back what we have written: a new version of it, and of what was made with it, says `revoked`.

        Refused when one of them is not ours or is revoked already, Unknown when `who` may not see it.
        """
        home, now = self._author(), self._clock()
        found, body = self._editable(who, stix_id)
        others = [self._own(who, each) for each in dict.fromkeys(with_it) if each != stix_id]
        bodies = [body, *(other for view, other in others if not view.newest.served.revoked)]
        gone = [each | {"revoked": True, "modified": later(each, now)} for each in bodies]
        label = released(
            [label for view in (found, *(view for view, _ in others)) for label in labels_of(view)], home.id
        )
        self._keep_ours(gone, label, home, "exchange.revoke", stix_id, {"with": len(gone) - 1}, by)
        return Written(stix_id=stix_id, with_it=tuple(each["id"] for each in gone[1:]))

    def restore(self, stix_id: str, version: Instant, *, who: Reader, by: str) -> Written:
        """Let what an earlier version of an object of ours said be its newest, under the label it had then.

        Also the way back from a revocation. Unknown when there is no such version, or `who` may not see it.
        """
        found, body = self._own(who, stix_id)
        former = next((each for each in found.versions if each.instant == version), None)
        if former is None:
            raise Unknown(
                "There is no such version.",
                "It is not held here, or you may not see it.",
                "Choose one from the list of versions of the object.",
                code="unknown-version",
            )
        home, now = self._author(), self._clock()
        old: dict[str, Any] = decode(former.served.raw)
        again = old | {"modified": later(body, now)}
        label = released([said.label for each in former.bodies for said in each.assertions], home.id)
        detail = {"version": former.version_text}
        self._keep_ours([again], label, home, "exchange.restore", stix_id, detail, by)
        return Written(stix_id=stix_id)

    def _indicated(self, who: Reader, stix_id: str) -> set[str]:
        near = self.neighbours(who, stix_id)
        return {each.target for each in near.relations if each.source == stix_id and each.word == "indicates"}

    def _keep_ours(
        self,
        values: Sequence[Mapping[str, Any]],
        label: Label,
        home: Party,
        action: str,
        subject: str,
        detail: Mapping[str, object],
        by: str,
    ) -> None:
        """Keep objects of ours through the one entrance, all of them or none, and say so in the audit."""

        def work(tx: Tx) -> None:
            into = [self._main(tx).id]
            source = Source(kind=SourceKind.PERSON, party=home.id, name=by)
            self._ensure_identity(tx, home, into)
            arrivals = [read_object(msgspec.json.encode(value)) for value in values]
            for outcome in self.receive(tx, arrivals, source=source, label_of=partial(_same, label), into=into):
                if outcome.error is not None:
                    raise outcome.error
            audit.append(tx, at=self._clock(), actor=by, action=action, subject=subject, detail=dict(detail))

        self._store.write(work)


def _same(label: Label, *_: object) -> Label:
    return label


def _raise_first(looked: Looked) -> None:
    if looked.problems:
        first = looked.problems[0]
        kind: type[KoupreyError] = Unknown if first.code == "unknown-object" else Damaged
        detail = {"field": first.field}
        raise kind(first.what, first.why, first.remedy, code=first.code, detail=detail)


def _tie(body: Mapping[str, Any], link: str) -> dict[str, Any]:
    """That the indicator indicates what is linked, said by the same author at the same time."""
    return {
        "type": "relationship",
        "spec_version": "2.1",
        "id": f"relationship--{uuid4()}",
        "created_by_ref": body["created_by_ref"],
        "created": body["modified"],
        "modified": body["modified"],
        "relationship_type": "indicates",
        "source_ref": body["id"],
        "target_ref": link,
        "object_marking_refs": list(body["object_marking_refs"]),
    }
