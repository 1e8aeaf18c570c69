"""What acts on a case say beside their verb: kept as keys and codes, told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.language import _, joined, labelled, mark
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.cases import Act, Kind, Phase, Severity, Track
from kouprey.response.model.outcomes import Verdict
from kouprey.response.model.regimes import Regime
from kouprey.response.pages import casewords as words
from kouprey.response.pages.duties import held_regimes, lawful
from kouprey.response.pages.dutywords import CHANNELS
from kouprey.response.pages.dutywords import VERDICTS as SAID
from kouprey.response.pages.naming import Names, name_refs, plain
from kouprey.response.pages.words import VERDICTS
from kouprey.response.service import Duties
from kouprey.response.wire.casewords import read_moment, show_moment

KEYS = {
    "at": mark("at"),
    "because": mark("because"),
    "bytes": mark("bytes"),
    "case": mark("case"),
    "channel": mark("by"),
    "cross_border": mark("crosses borders"),
    "exercise": mark("exercise"),
    "from": mark("from"),
    "into": mark("into case"),
    "kind": mark("kind"),
    "known": mark("known since"),
    "lead": mark("lead"),
    "left": mark("left this node"),
    "outcome": mark("outcome"),
    "pap": "PAP",
    "percent": mark("of the time"),
    "phase": mark("phase"),
    "regime": mark("law or agreement"),
    "report": mark("report"),
    "request": mark("request"),
    "sectors": mark("sectors"),
    "severity": mark("severity"),
    "severity_why": mark("why so severe"),
    "sha256": "SHA-256",
    "status": mark("status"),
    "strategy": mark("strategy"),
    "summary": mark("summary"),
    "tasks": mark("tasks"),
    "template": mark("template"),
    "ticket": mark("ticket"),
    "title": mark("title"),
    "tlp": "TLP",
    "to": mark("to"),
    "tracks": mark("tracks"),
    "type": mark("type"),
    "verdict": mark("what they said"),
    "version": mark("version"),
    "why": mark("why"),
}
"""Key of a detail -> what it is called; moments are called as on the case."""
STATES = {
    "changed": mark("changed"),
    "new": mark("new"),
    "no": mark("no"),
    "perhaps": mark("perhaps"),
    "set": mark("set"),
    "yes": mark("yes"),
}


class Details:
    """Tells details in the language of the answer. `titles`: names of the objects that the reader may see, by id."""

    def __init__(self, names: Names, regimes: Mapping[str, Regime], titles: Mapping[str, str]) -> None:
        steps = {step.key: lawful(step.title) for regime in regimes.values() for step in regime.steps}
        self._values: dict[str, Callable[[str], str]] = {
            "at": _time,
            "channel": _coded({str(key): _(text) for key, text in CHANNELS.items()}),
            "from": lambda value: plain(titles.get(value, value)),
            "kind": _coded({str(key): _(words.KINDS[key]) for key in Kind}),
            "known": _time,
            "lead": names.person,
            "outcome": _coded({str(key): _(VERDICTS[key][0]) for key in Verdict}),
            "percent": lambda value: f"{value} %",
            "phase": _coded({str(key): _(words.PHASES[key][0]) for key in Phase}),
            "regime": lambda value: lawful(regimes[value].title) if value in regimes else plain(value),
            "report": lambda value: steps.get(value, plain(value)),
            "severity": _coded({str(key): _(words.SEVERITIES[key][0]) for key in Severity}),
            "strategy": lambda value: plain(titles.get(value, value)),
            "tracks": _coded({str(key): _(words.TRACKS[key]) for key in Track}),
            "verdict": _coded({str(key): _(text) for key, (text, _tone) in SAID.items()}),
            "type": _coded({key: _(text) for key, text in words.TYPES.items()}),
        }

    def tell(self, detail: Mapping[str, str]) -> list[str]:
        """`phase: reported → contained`, one text for each."""
        return [labelled(_(_called(key)), self._value(key, value)) for key, value in detail.items()]

    def _value(self, key: str, value: str) -> str:
        if value in STATES:
            return _(STATES[value])
        return self._values.get(key, plain)(value)


def details_of(exchange: Exchange, duties: Duties, who: Reader, names: Names, bodies: Iterable[object]) -> Details:
    """For the acts among `bodies`; objects are called by their names as far as `who` may see them."""
    acts = [each.detail for each in bodies if isinstance(each, Act)]
    meant = dict.fromkeys(each.get(key, "") for each in acts for key in ("strategy", "from"))
    found = name_refs(exchange, who, [each for each in meant if "--" in each])
    return Details(names, held_regimes(duties), {each.text: each.title or each.text for each in found})


def _called(key: str) -> str:
    return KEYS.get(key) or words.MOMENTS.get(key) or key.replace("_", " ")


def _time(value: str) -> str:
    """An instant as a page shows it; what is none stays."""
    try:
        return show_moment(read_moment(value))
    except Damaged:
        return plain(value)


def _coded(known: Mapping[str, str]) -> Callable[[str], str]:
    """Codes of ours by their words, also several with commas, and on both sides of an arrow."""

    def tell(value: str) -> str:
        sides = (joined(known.get(each, plain(each)) for each in side.split(", ")) for side in value.split(" → "))
        return " → ".join(sides)

    return tell
