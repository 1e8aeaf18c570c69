"""Ceremonies on paper: a sheet for each, to be ticked step by step and signed by those who were there."""

from __future__ import annotations

from contextvars import copy_context
from typing import NamedTuple

from kouprey.federation.service.ceremonies import Keys
from kouprey.kernel.paper import render
from kouprey.kernel.web.language import Language, _, mark, use
from kouprey.people.model import Party


class Step(NamedTuple):
    """What somebody does, and the command for it, "" for none."""

    text: str
    command: str = ""


class Ceremony(NamedTuple):
    """One sheet; `calls` lists the partners and their words on it."""

    title: str
    when: str
    steps: tuple[Step, ...]
    calls: bool = False


_STOP = Step(mark("Stop the server, and put root.key into the keys folder."))
_START = Step(mark("Start the server, and take root.key away again."))
_SEAL = Step(mark("Put the medium back into an envelope, seal it, and let both officers sign across the seal."))

SHEETS: tuple[Ceremony, ...] = (
    Ceremony(
        mark("First ceremony: take the root key away"),
        mark("On the day the node is set up, before the first agreement is signed."),
        (
            Step(mark("Two officers are present. Nobody else sees the screen.")),
            Step(
                mark("Read the words of the root key on the machine, and compare them with those on this sheet."),
                "kouprey party words",
            ),
            Step(
                mark("Make a sealed backup, and keep it elsewhere: a lost root key cannot be made again."),
                "kouprey backup FILE --recipient age1…",
            ),
            Step(
                mark(
                    "Copy root.key from the keys folder to two media. Read each copy back and compare it with the file."
                )
            ),
            Step(mark("Put each medium into an envelope, seal it, and let both officers sign across the seal.")),
            Step(mark("Remove root.key from the keys folder, and start the server again.")),
            Step(mark("The page Keys and ceremonies says now that the root key was taken away.")),
            Step(mark("Bring the envelopes to two places that no single fire or theft reaches.")),
        ),
    ),
    Ceremony(
        mark("Rotation: another node key"),
        mark("Once a year, and when somebody who could read the keys folder leaves."),
        (
            Step(mark("Two officers open an envelope; its seal was whole.")),
            _STOP,
            Step(mark("Make the new key. From now on both sign."), "kouprey keys rotate"),
            Step(
                mark("Where it is due, replace the receipt key and the age key in the same sitting."),
                "kouprey keys rotate --receipt && kouprey keys rotate --age",
            ),
            _START,
            Step(mark("Wait until the page Keys and ceremonies says that every partner has the new card.")),
            _STOP,
            Step(mark("End the rotation: the old key is retired."), "kouprey keys finish"),
            _START,
            _SEAL,
        ),
    ),
    Ceremony(
        mark("Theft: a key may be in other hands"),
        mark("At once, also at night. Whoever could read the keys folder has all keys in it."),
        (
            Step(
                mark(
                    "Stop the server. Leave the machine as it is: it is evidence. Go on with a backup, on a machine you"
                    " trust."
                )
            ),
            Step(mark("Two officers open an envelope, and put root.key into the keys folder.")),
            Step(
                mark("Revoke the node key. What it signed up to now counts, and nothing from now on."),
                "kouprey keys revoke",
            ),
            Step(
                mark("Revoke the receipt key, and replace the age key."),
                "kouprey keys revoke --receipt && kouprey keys rotate --age",
            ),
            Step(
                mark("If root.key lay on the machine too, replace it before the thief does."),
                "kouprey keys rotate --root",
            ),
            _START,
            Step(
                mark(
                    "Call every partner at a number you already had. Say since when, and compare the words of the root"
                    " key if it is new."
                )
            ),
            Step(mark("Watch the page Keys and ceremonies until every partner has the new card.")),
            Step(mark("Sign every person out, and give programs new tokens: what they used may have been read.")),
        ),
        calls=True,
    ),
)


def print_sheet(home: Party, held: Keys, language: Language) -> bytes:
    """The three ceremonies as PDF, each on a page of its own."""
    return copy_context().run(_print, home, held, language)


def _print(home: Party, held: Keys, language: Language) -> bytes:
    use(language)
    title = _("Ceremonies of keys")
    return render(
        "federation/ceremonies.typ",
        describe(home, held),
        title=title,
        language=language.code,
        at=home.card.issued,
        footer=f"{home.name} · {home.id} · {title}",
    )


def describe(home: Party, held: Keys) -> dict[str, object]:
    """What the template prints, in the language of the moment."""
    words = next(key.words for key in held.own)
    return {
        "party": f"{home.name} ({home.id})",
        "words_title": _("Words of the root key"),
        "words": list(words),
        "before": _("Before the ceremony; another root key has other words."),
        "calls_title": _("Partners to call"),
        "none": _("No partner is known yet."),
        "partners": [{"name": f"{each.name} ({each.party})", "words": " ".join(each.words)} for each in held.partners],
        "signed": [_("First officer"), _("Second officer"), _("Place, day and time")],
        "sheets": [
            {
                "title": _(sheet.title),
                "when": _(sheet.when),
                "calls": sheet.calls,
                "steps": [{"text": _(step.text), "command": step.command} for step in sheet.steps],
            }
            for sheet in SHEETS
        ],
    }
