"""Translations from GNU gettext `.po` files, read at start so that no compiled file has to be built or shipped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from gettext import c2py

import msgspec
from babel import Locale, UnknownLocaleError
from babel.messages.plurals import get_plural

from kouprey.kernel.words.errors import Damaged

_LINE = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[(\d)\])?)?\s*"((?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "r": "\r"}

Plural = Callable[[int], int]


@cache
def plurals(language: str) -> tuple[int, Plural]:
    """How many forms a text that counts has, and which one counts `n` things; Damaged for what is no language."""
    try:
        rule = get_plural(Locale.parse(language))
    except (UnknownLocaleError, ValueError) as error:
        raise Damaged(f"The language {language!r} is not known.", str(error), code="bad-catalogue") from error
    return rule.num_plurals, c2py(rule.plural_expr)


TOLD = "told"
"""The context of sentences that rules and errors make in English, with `{0}`, `{1}` where they fill something in."""
_REMEMBERED = 4_000
_END = re.compile(r"[.:](?= )")
_SENTENCES = 4
_BLANK = re.compile(r"\{(\d)\}")
_FILLED = re.compile(r"\{(\d)(?::([a-z]+))?\}")
"""What a translation fills in again; `{1:role}`: words of ours (`liaison`), which have translations in that context;
`{1:told}`: a sentence of ours, such as the error that stopped a line of a table."""


class Catalogue(msgspec.Struct):
    """The messages of one language: (context, message) -> the forms of its translation."""

    language: str
    messages: dict[tuple[str, str], tuple[str, ...]] = msgspec.field(default_factory=dict)
    _patterns: list[tuple[str, re.Pattern[str], str]] | None = None
    _retold: dict[str, str] = msgspec.field(default_factory=dict)

    def told(self, sentence: str) -> str:
        """A sentence that was made in English where nobody knew the reader, or itself where it is not known.

        What was filled in is found again and filled into the translation; it stays as it was written, except where the
        translation says that it is a word of the program, or several with commas between them.
        """
        known = self.messages.get(("", sentence)) or self.messages.get((TOLD, sentence))
        if known is not None:
            return known[0]
        found = self._retold.get(sentence)
        if found is None:
            found = self._filled(sentence)
            if len(self._retold) >= _REMEMBERED:
                self._retold.clear()
            self._retold[sentence] = found
        return found

    def _filled(self, sentence: str) -> str:
        if self._patterns is None:
            self._patterns = _patterns(self.messages)
        for piece, pattern, form in self._patterns:
            hit = pattern.fullmatch(sentence) if piece in sentence else None
            if hit is not None:
                filled = hit.groupdict()
                return _FILLED.sub(lambda blank: self._word(filled[f"b{blank[1]}"], blank[2]), form)  # noqa: B023  # used at once
        return self._split(sentence)

    def _split(self, text: str) -> str:
        """Several sentences in one text, told one by one where both halves are known."""
        for end in [each.end() for each in _END.finditer(text)][:_SENTENCES]:
            first, rest = text[:end], text[end + 1 :]
            one, other = self.told(first), self.told(rest)
            if one != first and other != rest:
                return f"{one} {other}"
        return text

    def _word(self, filled: str, kind: str | None) -> str:
        if kind is None:
            return filled
        if kind == TOLD:
            return self.told(filled)
        (between,) = self.messages.get(("between", ", "), (", ",))
        return between.join(self.gettext(each, kind) for each in filled.split(", "))

    def gettext(self, message: str, context: str = "") -> str:
        """The translation: in the context where it has one there, else in any; or the message itself."""
        return (self.messages.get((context, message)) or self.messages.get(("", message), (message,)))[0]

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The form that counts `n` things."""
        forms = self.messages.get(("", one))
        if forms is None:
            return one if n == 1 else many
        return forms[min(plurals(self.language)[1](n), len(forms) - 1)]


def _patterns(messages: Mapping[tuple[str, str], tuple[str, ...]]) -> list[tuple[str, re.Pattern[str], str]]:
    """What sentences with something filled in hold at least, look like, and become; what says most comes first."""
    filled = [
        (message, forms[0])
        for (context, message), forms in messages.items()
        if context == TOLD and _BLANK.search(message)
    ]
    filled.sort(key=lambda each: len(_BLANK.sub("", each[0])), reverse=True)
    return [(max(_BLANK.split(message)[::2], key=len), _pattern(message), form) for message, form in filled]


def _pattern(message: str) -> re.Pattern[str]:
    """What a sentence looks like, whatever is filled in."""
    pieces = _BLANK.split(message)
    literal = [re.escape(piece) if at % 2 == 0 else f"(?P<b{piece}>.+?)" for at, piece in enumerate(pieces)]
    return re.compile("".join(literal), re.DOTALL)


class _Entry(msgspec.Struct):
    line: int
    fuzzy: bool = False
    parts: dict[str, str] = msgspec.field(default_factory=dict)


def read_po(text: str, language: str) -> Catalogue:
    """Read a `.po` text; fuzzy and untranslated entries are left out. Anything out of order raises Damaged."""
    plurals(language)
    catalogue = Catalogue(language)
    for entry in _entries(text):
        _add(catalogue, entry)
    return catalogue


def _entries(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    entry: _Entry | None = None
    fuzzy = False
    field = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            fuzzy = (fuzzy and bool(line.strip())) or (line.startswith("#, ") and "fuzzy" in line)
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise _damaged(number, "it is neither a comment nor a quoted text")
        keyword = found.group(1)
        starts = keyword == "msgctxt" or (keyword == "msgid" and field != "msgctxt")
        if starts:
            entry, fuzzy = _Entry(number, fuzzy), False
            entries.append(entry)
        if entry is None or (keyword is None and not field):
            raise _damaged(number, "a text stands before its keyword")
        field = keyword or field
        if keyword and keyword in entry.parts:
            raise _damaged(number, f"{keyword} comes twice")
        entry.parts[field] = entry.parts.get(field, "") + _unescaped(found.group(3), number)
    return entries


def _unescaped(text: str, number: int) -> str:
    def one(found: re.Match[str]) -> str:
        try:
            return _ESCAPES[found.group(1)]
        except KeyError:
            raise _damaged(number, f"unknown escape {found.group(0)}") from None

    return _ESCAPE.sub(one, text)


def _add(catalogue: Catalogue, entry: _Entry) -> None:
    parts = entry.parts
    message = parts.get("msgid")
    if message is None:
        raise _damaged(entry.line, "msgid is missing")
    if "msgid_plural" in parts:
        forms = tuple(text for name, text in sorted(parts.items()) if name.startswith("msgstr["))
        expected = plurals(catalogue.language)[0]
        if len(forms) != expected:
            raise _damaged(entry.line, f"{len(forms)} plural forms, {expected} expected")
    elif "msgstr" in parts:
        forms = (parts["msgstr"],)
    else:
        raise _damaged(entry.line, "msgstr is missing")
    key = (parts.get("msgctxt", ""), message)
    if key in catalogue.messages:
        raise _damaged(entry.line, "the message comes twice")
    if message and all(forms) and not entry.fuzzy:
        catalogue.messages[key] = forms


def _damaged(number: int, why: str) -> Damaged:
    return Damaged("A translation file cannot be read.", f"Line {number}: {why}.", code="bad-catalogue")
