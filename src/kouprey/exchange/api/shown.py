"""From the nouns of the exchange to the shapes its endpoints answer with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw

from kouprey.agreements.model.citing import clause_title
from kouprey.exchange.api.shapes import (
    Body,
    Erased,
    Finding,
    Ground,
    Held,
    Known,
    Listed,
    Merged,
    Publication,
    Reasoned,
    Refused,
    Remark,
    Report,
    Said,
    Verdict,
    Version,
    Whole,
    Worth,
    level,
)
from kouprey.exchange.model import Found, Head, ObjectView, PublishReport, Refusal, VersionView
from kouprey.exchange.model.publishing import RuleGround
from kouprey.exchange.model.weighing import Assessment, Weighed
from kouprey.kernel.web.api import time_of
from kouprey.kernel.words.decision import Decision, Reason
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant


def listed(head: Head) -> Listed:
    """A line of a list."""
    return Listed(
        id=head.stix_id,
        type=head.type,
        title=head.title,
        version=head.version_text,
        tlp=level(head.tlp),
        sources=head.sources,
        news=time_of(head.position),
        conflict=head.conflict,
        revoked=head.revoked,
        musts=head.musts,
    )


def whole(found: ObjectView, weighed: Weighed) -> Whole:
    """An object with all that is said about it."""
    return Whole(
        id=found.stix_id,
        type=found.type,
        title=found.title,
        versions=tuple(map(_version, found.versions)),
        worth=worth(weighed.assessment),
        remarks=_remarks(weighed),
        more_remarks=weighed.more,
        times_seen=found.times_seen,
        publications=tuple(
            Publication(
                number=each.number,
                version=each.version_text,
                agreement=each.agreement,
                parties=each.parties,
                tlp=level(each.tlp),
                pruned=each.pruned,
                by=each.by,
                at=time_of(each.at),
                because=each.because,
            )
            for each in found.publications
        ),
        merges=tuple(
            Merged(id=each.stix_id, into=each.into, because=each.because, by=each.by, at=time_of(each.at))
            for each in weighed.merges
        ),
        same=tuple(each.stix_id for each in weighed.same),
        erased=tuple(
            Erased(
                version=each.version_text,
                sha256=each.sha256.hex(),
                at=time_of(each.at),
                because=each.because,
                by=each.by,
            )
            for each in found.tombstones
        ),
    )


def _version(version: VersionView) -> Version:
    return Version(
        version=version.version_text,
        received_at=time_of(version.received_at),
        tlp=level(version.tlp),
        conflict=len(version.bodies) > 1,
        bodies=tuple(
            Body(
                sha256=body.sha256.hex(),
                served=body.served,
                title=body.title,
                revoked=body.revoked,
                created_by=body.created_by,
                object=Raw(body.raw),
                assertions=tuple(
                    _said(a.label, a.source.name, a.source.kind, a.received_at, a.origin, a.entry_index)
                    for a in body.assertions
                ),
                findings=tuple(msgspec.convert(msgspec.to_builtins(each), Finding) for each in body.findings),
            )
            for body in version.bodies
        ),
    )


def _said(label: Label, source: str, kind: str, received_at: Instant, origin: str, entry: int) -> Said:
    return Said(
        source=source,
        kind=str(kind),
        received_at=time_of(received_at),
        owner=label.owner,
        agreement=label.agreement,
        tlp=level(label.tlp),
        pap=label.pap.word,
        purposes=label.purposes,
        handling=label.handling,
        not_before=time_of(label.not_before),
        exercise=label.exercise,
        origin=origin,
        entry=entry,
    )


def _remarks(weighed: Weighed) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            id=each.stix_id,
            kind=each.kind,
            at=time_of(each.at),
            created_by=each.created_by,
            sources=each.sources,
            text=each.text,
            opinion=each.opinion,
            times=each.times,
            first_seen=time_of(each.first_seen),
            last_seen=time_of(each.last_seen),
        )
        for each in weighed.comments
    )


def worth(assessment: Assessment) -> Worth:
    """An assessment with its grounds as sentences."""
    because = tuple(str(each) for each in assessment.because)
    return Worth(score=assessment.score, state=assessment.state, because=because)


def known(found: Iterable[Found]) -> tuple[Known, ...]:
    """Values that are named here."""
    return tuple(Known(kind=f.observable.kind, value=f.observable.text, versions=f.versions) for f in found)


def report(made: PublishReport) -> Report:
    """What became of publishing."""
    return Report(
        agreement=made.agreement,
        queued=made.queued,
        already=made.already,
        pruned=made.pruned,
        refused=tuple(Held(id=each.stix_id, because=grounds(each.because)) for each in made.refused),
        waits_because=made.waits_because,
        waiting=tuple(Held(id=each.stix_id, because=grounds(each.because)) for each in made.waiting),
    )


def grounds(because: Sequence[Reason]) -> tuple[Ground, ...]:
    """The grounds of a decision."""
    return tuple(
        Ground(
            code=each.code,
            text=each.text,
            agreement=each.agreement,
            clause=each.clause,
            agreement_title=each.title,
            clause_title=clause_title(each.clause),
            change=each.change,
        )
        for each in because
    )


def reasoned(ground: RuleGround) -> Reasoned:
    """Grounds, with how many objects have them."""
    samples = tuple(each.stix_id for each in ground.samples)
    return Reasoned(because=grounds(ground.because), count=ground.count, samples=samples)


def verdict(party: str, decision: Decision) -> Verdict:
    """A decision about a party."""
    return Verdict(party=party, allowed=decision.allowed, because=grounds(decision.because))


def refused(each: Refusal) -> Refused:
    """A refusal of an import."""
    return Refused(
        offset=each.offset,
        line=each.line,
        id=each.stix_id or "",
        code=each.code,
        title=each.what,
        detail=each.why,
        remedy=each.remedy,
    )
