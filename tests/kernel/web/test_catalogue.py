"""Translation files: strictly read, and complete for every text of the frame."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.catalogue import Catalogue, plurals, read_po
from kouprey.kernel.web.language import LANGUAGES
from kouprey.kernel.words.errors import Damaged

WEB = Path(__file__).parents[3] / "src" / "kouprey" / "kernel" / "web"
HEAD = 'msgid ""\nmsgstr "Language: km\\n"\n\n'


def test_reads_what_gettext_writes() -> None:
    text = HEAD + (
        '#: a.html:1\nmsgid "one"\nmsgstr "មួយ"\n\n#, fuzzy\nmsgid "guess"\nmsgstr "no"\n\n'
        'msgid "not yet"\nmsgstr ""\n\nmsgctxt "menu"\nmsgid "one"\nmsgstr "x"\n\n'
        'msgid ""\n"long "\n"text\\n\\"q\\" \\\\"\nmsgstr ""\n"L\\n"\n\n'
        'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s ថ្ងៃ"\n'
    )
    read = read_po(text, "km")
    assert read.gettext("one") == "មួយ"
    assert read.gettext("one", "menu") == "x"
    assert read.gettext("one", "elsewhere") == "មួយ"
    assert read.gettext("guess") == "guess"
    assert read.gettext("not yet") == "not yet"
    assert read.gettext('long text\n"q" \\') == "L\n"
    assert read.ngettext("%(n)s day", "%(n)s days", 1) == read.ngettext("%(n)s day", "%(n)s days", 5) == "%(n)s ថ្ងៃ"
    assert (read.ngettext("a", "b", 1), read.ngettext("a", "b", 2)) == ("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        'msgstr "x"\n',
        'msgid "a"\n',
        'msgid "a"\nmsgstr "b',
        'msgid "a"\nmsgstr "\\q"\n',
        'msgid "a"\nmsgstr "b"\nmsgstr "c"\n',
        'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n',
        'msgid "a"\nmsgid_plural "as"\nmsgstr[0] "x"\nmsgstr[1] "y"\n',
        '"loose"\n',
        "nonsense\n",
    ],
)
def test_disorder_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        read_po(text, "km")


def quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from('\n\t\\"'), min_size=1)


@given(st.dictionaries(TEXT, TEXT, max_size=5))
def test_what_is_written_is_read(messages: dict[str, str]) -> None:
    text = HEAD + "".join(f"msgid {quoted(one)}\nmsgstr {quoted(two)}\n\n" for one, two in messages.items())
    read = read_po(text, "km")
    assert {key[1]: forms[0] for key, forms in read.messages.items()} == messages


@given(st.lists(st.sampled_from(['msgid "a"', 'msgstr "b"', "msgid_plural", '"c"', "# x", "", '\\"', "msgctxt"])))
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    try:
        read_po("\n".join(lines), "en")
    except Damaged as error:
        assert error.code == "bad-catalogue"


def test_every_language_has_a_plural_rule() -> None:
    for code in (*LANGUAGES, "th", "lo", "my", "vi", "fr", "pl", "ar"):
        forms, rule = plurals(code)
        assert {rule(n) for n in range(200)} == set(range(forms))
    for nonsense in ("xx", "", "English!"):
        with pytest.raises(Damaged):
            plurals(nonsense)


def messages_of_the_frame() -> set[str | tuple[str, ...]]:
    extract = pytest.importorskip("babel.messages.extract")
    kinds = [("**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "ngettext": (1, 2), "mark": None}
    options = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    found = extract.extract_from_dir(str(WEB), kinds, options, keywords)
    return {message for _, _, message, _, _ in found}


def test_khmer_covers_the_frame() -> None:
    read = read_po((WEB / "locale/km/LC_MESSAGES/kouprey.po").read_text("utf-8"), "km")
    wanted = {each if isinstance(each, str) else each[0] for each in messages_of_the_frame()}
    assert len(wanted) > 90
    assert wanted - {key[1] for key in read.messages} == set()
    for (_, message), forms in read.messages.items():
        for form in forms:
            assert re.findall(r"%\(\w+\)s", form) == re.findall(r"%\(\w+\)s", message)
            # What has no word of its own, only what is put in, has none to say in Khmer.
            assert re.search("[\u1780-\u17ff]", form) or not re.search("[a-z]", re.sub(r"%\(\w+\)s", "", message))


SENTENCES = (
    'msgctxt "told"\nmsgid "It is {0}; you are cleared up to {1}."\nmsgstr "{1} < {0}។"\n\n'
    'msgctxt "told"\nmsgid "Nobody is."\nmsgstr "គ្មាន។"\n\nmsgid "Search"\nmsgstr "ស្វែងរក"\n'
)


def test_a_sentence_made_in_english_is_told_anew_with_what_it_fills_in() -> None:
    read = read_po(SENTENCES, "km")
    for _ in range(2):
        assert read.told("It is TLP:RED; you are cleared up to TLP:GREEN.") == "TLP:GREEN < TLP:RED។"
        assert read.told("Nobody is.") == "គ្មាន។" and read.told("Search") == "ស្វែងរក"
        assert read.told("It is TLP:RED.") == "It is TLP:RED."
    # What was filled in is a text, never a form.
    assert read.told("It is {1}; you are cleared up to \\g<0>.") == "\\g<0> < {1}។"
    assert Catalogue("en").told("It is TLP:RED; you are cleared up to X.").startswith("It is TLP:RED")


def test_a_word_of_the_program_that_is_filled_in_is_translated_and_a_name_is_not() -> None:
    read = read_po(
        'msgctxt "told"\nmsgid "{0} of {1} released it."\nmsgstr "{1:role}៖ {0}"\n\n'
        'msgctxt "role"\nmsgid "liaison"\nmsgstr "មន្ត្រី"\n\nmsgid "Release"\nmsgstr "អនុញ្ញាត"\n',
        "km",
    )
    assert read.told("liaison of liaison released it.") == "មន្ត្រី៖ liaison"
    assert read.told("1 of liaison, cook, Release released it.") == "មន្ត្រី, cook, អនុញ្ញាត៖ 1"


def test_a_sentence_of_the_program_that_is_filled_in_is_told_too() -> None:
    read = read_po(SENTENCES + '\n\nmsgctxt "told"\nmsgid "Line {0}: {1}"\nmsgstr "បន្ទាត់ {0}៖ {1:told}"\n', "km")
    assert read.told("Line 5: Nobody is.") == "បន្ទាត់ 5៖ គ្មាន។"
    assert read.told("Line 5: something else") == "បន្ទាត់ 5៖ something else"


def test_sentences_that_stand_together_are_told_one_by_one_where_all_are_known() -> None:
    read = read_po(SENTENCES, "km")
    assert read.told("Nobody is. It is A; you are cleared up to B.") == "គ្មាន។ B < A។"
    assert read.told("Nobody is. Somebody is.") == "Nobody is. Somebody is."
    assert read.told("Nobody is. Nobody is. Nobody is.") == "គ្មាន។ គ្មាន។ គ្មាន។"


def test_the_sentence_that_says_most_is_taken_first() -> None:
    wide = 'msgctxt "told"\nmsgid "It must be {0}."\nmsgstr "ត្រូវជា {0}។"\n\n'
    exact = 'msgctxt "told"\nmsgid "It must be from {0} to {1}."\nmsgstr "{0}–{1}។"\n\n'
    for text in (wide + exact, exact + wide):
        assert read_po(text, "km").told("It must be from 1 to 9.") == "1–9។"


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_filled_in_comes_out_again(one: str, two: str) -> None:
    read = read_po(SENTENCES, "km")
    told = read.told(f"It is {one}; you are cleared up to {two}.")
    assert one in told and two in told
