"""What is to be translated, what is, and what is not: behind scripts/translate, scripts/check and scripts/review-kit.

Every capability has a catalogue of its own in each language, `locale/<code>/LC_MESSAGES/kouprey.po` beside its code. A
text is looked for in all of them, so one that two capabilities use is translated once.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from babel.messages.extract import extract_from_dir

from kouprey.kernel.web.catalogue import TOLD, plurals, read_po
from kouprey.kernel.web.language import LANGUAGES, own_name
from kouprey.kernel.words import errors

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "kouprey"
FRAME = "kernel/web"
PLACE = Path("LC_MESSAGES") / "kouprey.po"
KINDS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
WORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "mark": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "Place": (1,),
}
"""Calls whose texts are shown, and which of their arguments those are."""
TELLING = {name for name, kind in vars(errors).items() if isinstance(kind, type)} | {
    "Reason",
    "_no",
    "_refused",
    "_under_clause",
    "_ground",
    "_too_narrow",
    "_way",
    "finding",
    "_unreachable",
    "api",
}
"""Calls that make a sentence for people, an error, the ground of a decision or the word of an endpoint, and their
arguments by name."""
SAID = ("what", "why", "remedy", "text", "summary")
TABLES = ("REMEDIES", "_REMEDY", "_WHY")
"""Tables whose values are such sentences."""
_WORD = re.compile(r"[A-Za-z]{2}")
"""What a sentence holds besides what is filled in; one of blanks and points alone would be found in every other."""
LAWS = ("title", "place", "version", "to", "note", "cites")
"""What a file of a regime, or a step of it, says in words."""
HEAD = """\
# {name} messages of {folder}.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={forms}; plural={rule};\\n"
"""


@dataclass
class Text:
    """One text as it stands in the code: its form for many when it counts, what tells it from others that read the
    same, and where it is, `file:line`."""

    message: str
    many: str = ""
    context: str = ""
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """By which catalogues know it."""
        return self.context, self.message

    @property
    def folder(self) -> str:
        """Whose catalogue it belongs into: the frame's if it uses it, else that of the capability that has it first."""
        names = [place.split("/")[0] for place in self.places]
        return FRAME if "kernel" in names else names[0]


def collect() -> list[Text]:
    """Every text of the program, in the order of files and lines."""
    found: dict[tuple[str, str], Text] = {}
    options = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
    every = extract_from_dir(str(SRC), KINDS, options, WORDS)
    for file, line, message, _, context in sorted(every, key=lambda each: (each[0], each[1])):
        one, many = (message, "") if isinstance(message, str) else (message[0], message[1])
        if one:
            text = found.setdefault((context or "", one), Text(one, context=context or ""))
            text.many = text.many or many
            text.places.append(f"{Path(file).as_posix()}:{line}")
    for place, message in laws():
        found.setdefault(("", message), Text(message)).places.append(place)
    return list(found.values())


def laws() -> Iterator[tuple[str, str]]:
    """What the regimes that come along say, as data: place and text."""
    for file in sorted(SRC.glob("*/templates/regimes/*.toml")):
        said = tomllib.loads(file.read_text("utf-8"))
        for part in (said, *said["steps"]):
            yield from ((f"{file.relative_to(SRC).as_posix()}:1", part[name]) for name in LAWS if name in part)


def collect_told() -> list[Text]:
    """What errors and reasons say: made in English, and told anew in the reader's language where it is shown."""
    found: dict[str, Text] = {}
    for file in sorted(SRC.rglob("*.py")):
        place = file.relative_to(SRC).as_posix()
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            for line, sentence in _tabled(function):
                found.setdefault(sentence, Text(sentence)).places.append(f"{place}:{line}")
            if not isinstance(function, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            assigned: dict[str, list[ast.expr]] = {}
            for each in ast.walk(function):
                if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                    assigned.setdefault(each.targets[0].id, []).append(each.value)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TELLING:
                    # The third of a finding is where the standard says so.
                    most = 2 if call.func.id == "finding" else 3
                    for argument in (*call.args[:most], *(each.value for each in call.keywords if each.arg in SAID)):
                        named = isinstance(argument, ast.Name)
                        for made in assigned.get(argument.id, []) if named else [argument]:
                            sentence = _sentence(made)
                            if " " in sentence and _WORD.search(sentence):
                                found.setdefault(sentence, Text(sentence)).places.append(f"{place}:{call.lineno}")
    marked = {each.message for each in collect()}
    return [replace(each, context=TOLD) for each in found.values() if each.message not in marked]


def _tabled(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The sentences of a table of them, each with its line."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in TABLES:
            yield from ((each.lineno, _sentence(each)) for each in node.value.values)


def _sentence(node: ast.expr | None) -> str:
    """A text as a pattern: `{0}`, `{1}` where something is filled in; "" for what is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    blanks = count()
    return "".join(str(part.value) if isinstance(part, ast.Constant) else f"{{{next(blanks)}}}" for part in node.values)


def folders() -> Iterator[Path]:
    """Places of catalogues: those of capabilities and of the frame."""
    yield SRC / FRAME
    yield from sorted(each for each in SRC.iterdir() if each.is_dir() and each.name not in ("kernel", "__pycache__"))


def translated(code: str, among: Iterable[Path]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Context and message -> its forms in a language, of the catalogues of some folders."""
    together: dict[tuple[str, str], tuple[str, ...]] = {}
    for folder in among:
        file = folder / "locale" / code / PLACE
        if file.is_file():
            together.update(read_po(file.read_text("utf-8"), code).messages)
    return together


def forms_of(text: Text, known: Mapping[tuple[str, str], tuple[str, ...]]) -> tuple[str, ...]:
    """The translation of a text, () for none; a sentence that is told may also be one that is shown elsewhere."""
    return known.get(text.key) or (known.get(("", text.message), ()) if text.context == TOLD else ())


def missing(code: str, texts: Iterable[Text]) -> list[Text]:
    """What is not translated into a language."""
    # The frame stands alone; whoever stands on it may use its words, and those of others.
    frame, every = translated(code, [SRC / FRAME]), translated(code, folders())
    return [each for each in texts if each.key not in (frame if each.folder == FRAME else every)]


def add(code: str, texts: Iterable[Text]) -> int:
    """Append what is missing, to be filled in, to the catalogue it belongs to; how many texts were new there."""
    added = 0
    for text in missing(code, texts):
        file = SRC / text.folder / "locale" / code / PLACE
        held = file.read_text("utf-8") if file.is_file() else _head(code, text.folder)
        if f"\n{_named(text)}" in held and (text.context or f"\n\n{_named(text)}" in held):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(held.rstrip("\n") + "\n\n" + _entry(code, text), "utf-8")
        added += 1
    return added


def _head(code: str, folder: str) -> str:
    from babel.messages.plurals import get_plural

    rule = get_plural(code)
    return HEAD.format(
        name=own_name(code), folder=folder, code=code, forms=rule.num_plurals, rule=rule.plural_expr.strip()
    )


def _entry(code: str, text: Text) -> str:
    if not text.many:
        return f'{_named(text)}msgstr ""\n'
    forms = "".join(f'msgstr[{at}] ""\n' for at in range(plurals(code)[0]))
    return f"{_named(text)}msgid_plural {quoted(text.many)}\n{forms}"


def _named(text: Text) -> str:
    context = f"msgctxt {quoted(text.context)}\n" if text.context else ""
    return f"{context}msgid {quoted(text.message)}\n"


def quoted(text: str) -> str:
    """As a `.po` file writes it."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def main(arguments: list[str]) -> int:
    """`--report`: how much is missing in each language; else update every catalogue, and begin those of a language."""
    texts, sentences = collect(), collect_told()
    report = "--report" in arguments
    begun = [each for each in arguments if not each.startswith("--")]
    codes = list(dict.fromkeys([*(code for code in LANGUAGES if code != "en"), *begun]))
    for code in codes:
        if not report:
            add(code, texts)
        lacking = missing(code, texts)
        print(f"{own_name(code)} ({code}): {len(texts) - len(lacking)} of {len(texts)} texts, {len(lacking)} missing")
        known = translated(code, folders())
        done = sum(bool(forms_of(each, known)) for each in sentences)
        print(f"  of errors and reasons: {done} of {len(sentences)} sentences, the others are shown in English")
        for text in lacking if report else ():
            print(f"  {text.places[0]}: {text.message[:90]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
