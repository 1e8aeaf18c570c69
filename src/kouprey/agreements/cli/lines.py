"""The further clauses of an agreement as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.agreements.model import Document, HandOffTerm, Narrowing
from kouprey.kernel.words.tlp import PAP, TLP, parse_pap, parse_tlp


def further_lines(document: Document) -> list[str]:
    """Clauses 11 to 19, with the numbers that decisions cite."""
    terms = document.terms
    lane = terms.emergency
    urgent = f"up to {parse_tlp(lane.tlp).text}, reviewed within {_hours(lane.review_s)}" if lane.tlp else "none"
    rules = (f"{each.persons} {each.role} from TLP:{each.tlp.upper()} up" for each in terms.approvals)
    handoffs = (
        f"{each.kind} ({_hours(each.acknowledge_s)}, {_hours(each.decide_s)}, {each.hours}{_pausing(each)})"
        for each in terms.handoffs
    )
    return [
        f"11. Use: {ceiling_line(parse_pap(terms.pap_ceiling), PAP.RED)}.",
        f"12. References that may not travel: {terms.references}.",
        f"13. Release: {_listed(rules)}.",
        f"14. Emergency: {urgent}.",
        f"15. Hand-offs: {_listed(handoffs)}.",
        f"16. Duties: {_listed(f'{each.kind} within {_hours(each.within_s)}' for each in terms.duties)}.",
        f"17. Measured by: {_listed(f'{each.measure} {each.target:g}' for each in terms.targets)}.",
        f"18. Leaving: {terms.leaving_days} days.",
        f"19. Audiences: {_listed(f'{each.name} ({chr(32).join(each.parties)})' for each in document.groups)}.",
    ]


def ceiling_line(ceiling: TLP | PAP, highest: TLP | PAP) -> str:
    """What a ceiling forbids; the highest level there is forbids nothing."""
    return f"any {type(ceiling).__name__}" if ceiling is highest else f"nothing above {ceiling.text} is shared"


def narrowed_line(said: Narrowing) -> str:
    """What a party has tightened, in one line."""
    parts = [
        said.tlp_ceiling and f"up to {parse_tlp(said.tlp_ceiling).text}",
        said.pap_ceiling and f"up to {parse_pap(said.pap_ceiling).text}",
        said.onward and f"passing on: {said.onward}",
        said.types is not None and f"types {', '.join(said.types)}",
        said.purposes is not None and f"purposes {', '.join(said.purposes)}",
        said.parties is not None and f"with {', '.join(said.parties)}",
    ]
    return "; ".join(str(part) for part in parts if part)


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(parts) or "none"


def _pausing(term: HandOffTerm) -> str:
    return f", a question stops the clock for {_hours(term.pause_s)}" if term.pause_s else ""


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:g} h"
