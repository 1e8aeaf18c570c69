"""The plain text of a statement for messengers, which ends in its id and its address.

It follows from the statement alone and never changes: texts that are forwarded for years are compared with it. So its
few fixed words stand here, and not in the catalogues of the pages.
"""

from __future__ import annotations

from kouprey.advisories.model import Statement, Verdict
from kouprey.kernel.words.time import format_second

EXERCISE = {"en": "EXERCISE", "km": "សមយុទ្ធ"}
_DO = {"en": "What to do:", "km": "អ្វីដែលត្រូវធ្វើ៖"}
_CLAIM = {"en": "Claim:", "km": "អះអាង៖"}
_VERDICTS = {
    "en": {
        Verdict.FALSE: "FALSE",
        Verdict.MISLEADING: "MISLEADING",
        Verdict.ALTERED: "ALTERED",
        Verdict.UNPROVEN: "UNPROVEN",
        Verdict.TRUE: "TRUE",
    },
    "km": {
        Verdict.FALSE: "មិនពិត",
        Verdict.MISLEADING: "នាំឱ្យយល់ច្រឡំ",
        Verdict.ALTERED: "ត្រូវបានកែប្រែ",
        Verdict.UNPROVEN: "មិនទាន់មានភស្តុតាង",
        Verdict.TRUE: "ពិត",
    },
}


def verdict_word(verdict: Verdict, language: str) -> str:
    """The verdict in one or two words, in English where the language has none of ours."""
    return _VERDICTS.get(language, _VERDICTS["en"])[verdict]


def exercise_word(language: str) -> str:
    """What marks every output of an exercise: in English always, since readers of other languages see it too."""
    own = EXERCISE.get(language, "")
    return EXERCISE["en"] if own in ("", EXERCISE["en"]) else f"{EXERCISE['en']} · {own}"


def title_of(statement: Statement, language: str) -> str:
    """The title as it stands in lists and feeds, marked when it is an exercise."""
    words = statement.content.languages[language]
    return f"{exercise_word(language)}: {words.title}" if statement.content.exercise else words.title


def write_block(statement: Statement, language: str) -> str:
    """The text in one language of the statement."""
    content, words = statement.content, statement.content.languages[language]
    lines = [exercise_word(language)] if content.exercise else []
    lines.append(words.title)
    if content.verdict is not None:
        word = verdict_word(content.verdict, language)
        lines += [f"{_CLAIM.get(language, _CLAIM['en'])} “{each.text}” → {word}" for each in content.claims]
    lines.append(words.body)
    if words.what_to_do:
        lines.append(f"{_DO.get(language, _DO['en'])} {words.what_to_do}")
    lines.append(f"{statement.name} · {format_second(statement.issued)[:10]}")
    if content.exercise:
        lines.append(exercise_word(language))
    return "\n".join([*lines, statement.id, statement.url])
