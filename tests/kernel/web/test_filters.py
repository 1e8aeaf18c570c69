"""How values look: instants, sizes, levels, chart points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from kouprey.kernel.web import filters
from kouprey.kernel.web.language import joined, labelled, load_languages, use
from kouprey.kernel.words.time import FOREVER, SECOND, parse_instant
from kouprey.kernel.words.tlp import TLP

NOW = parse_instant("2026-11-22T09:00:00Z")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (-44, "just now"),
        (-60, "1 minute ago"),
        (-150, "2 minutes ago"),
        (-3600, "1 hour ago"),
        (-86400, "1 day ago"),
        (-86400 * 40, "40 days ago"),
        (-86400 * 100, "3 months ago"),
        (-86400 * 1200, "3 years ago"),
        (30, "just now"),
        (300, "in 5 minutes"),
        (7200, "in 2 hours"),
        (86400 * 2, "in 2 days"),
    ],
)
def test_relative(seconds: int, text: str) -> None:
    assert filters.relative(NOW + seconds * SECOND, NOW) == text


def test_times_carry_the_exact_second() -> None:
    shown = filters.ago(NOW - 120 * SECOND, NOW)
    assert 'datetime="2026-11-22T08:58:00Z"' in shown and "2 minutes ago" in shown
    assert ">2026-11-22 09:00:00 UTC<" in filters.exact(NOW)
    assert ">22 Nov 2026<" in filters.day(NOW)
    for empty in (filters.ago(None), filters.exact(FOREVER), filters.day(None)):
        assert "datetime" not in empty


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (200 * 2**20, "200 MiB"), (2**51, "2,048.0 TiB")],
)
def test_size(count: int, text: str) -> None:
    assert filters.size(count) == text


def test_tlp_badges() -> None:
    assert filters.tlp(TLP.AMBER_STRICT) == '<span class="tlp tlp-amber-strict">TLP:AMBER+STRICT</span>'
    assert filters.tlp("white") == '<span class="tlp tlp-clear">TLP:CLEAR</span>'
    with pytest.raises(ValueError, match="not a TLP level"):
        filters.tlp("<script>")


@given(st.lists(st.floats(-10, 1e12), max_size=50))
def test_chart_points_stay_in_the_chart(values: list[float]) -> None:
    points = [tuple(map(float, point.split(","))) for point in filters.points(values, 120, 28).split()]
    assert len(points) == len(values)
    assert all(0 <= x <= 120 and 0 <= y <= 28 for x, y in points)


@given(st.lists(st.floats(min_value=0, max_value=1e12), max_size=5))
def test_an_axis_is_round_short_and_holds_every_value(values: list[float]) -> None:
    marks = filters.ticks(values)
    assert 3 <= len(marks) <= 6 and marks[0] == 0 and marks[-1] >= max(values, default=0)
    size = marks[1]
    assert marks == [at * size for at in range(len(marks))] and str(size).rstrip("0") in ("1", "2", "5")


def test_a_day_without_its_year() -> None:
    assert ">22 Nov<" in filters.shortday(NOW) and 'datetime="2026-11-22"' in filters.shortday(NOW)


def test_what_is_to_be_typed_stands_between_marks_and_is_shown_as_such() -> None:
    told = filters.typed("`kouprey agreement list` shows all of <them>.")
    assert told == "<code>kouprey agreement list</code> shows all of &lt;them&gt;."
    assert filters.typed("one ` alone") == "one ` alone"
    assert filters.typed(filters.exact(NOW)) == filters.exact(NOW)


def test_a_path_goes_on_behind_a_slash() -> None:
    assert filters.foldable("/a/{b}&") == "/<wbr>a/<wbr>{b}&amp;"


def test_a_day_in_letters_is_written_as_the_language_does_and_what_is_none_stands_as_it_is() -> None:
    assert filters.day("2026-11-26") == '<time datetime="2026-11-26">26 Nov 2026</time>'
    assert filters.day("<soon>") == "&lt;soon&gt;"


def test_names_and_labels_stand_apart_as_the_language_writes_them() -> None:
    languages = load_languages(["kouprey.kernel.web"])
    assert (joined(["a", "b"]), labelled("a", "b")) == ("a, b", "a: b")
    assert filters.listed(["<a>", Markup("<b>b</b>")]) == "&lt;a&gt;, <b>b</b>" and not filters.listed([])
    assert filters.label("<a>") == "&lt;a&gt;: "
    use(languages["km"])
    try:
        assert (joined(["a", "b"]), labelled("a", "b")) == ("a · b", "a៖ b")
        assert filters.listed(["a", "b"]) == "a · b" and filters.label("a") == "a៖ "
    finally:
        use(languages["en"])
