"""Tasks of a template are seen, changed and left out by track, and what they say of one another stays right."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Severity, Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.rules.casetemplates import chosen, said_over, with_tasks, within


@st.composite
def templates(draw: st.DrawFn) -> Template:
    tracks = draw(st.lists(st.sampled_from(Track), max_size=8))
    tasks = tuple(
        TemplateTask(
            track=track,
            title=f"task {place}",
            after=tuple(sorted(draw(st.sets(st.integers(0, place - 1), max_size=3)))) if place else (),
            under=draw(st.integers(0, place - 1) | st.none()) if place else None,
        )
        for place, track in enumerate(tracks)
    )
    return Template(id="tpl_1", name="x", tasks=tasks)


def links(tasks: tuple[TemplateTask, ...]) -> set[tuple[str, str]]:
    """Pairs of titles: what a task names."""
    named = {(each.title, tasks[other].title) for each in tasks for other in each.after}
    return named | {(each.title, f"under {tasks[each.under].title}") for each in tasks if each.under is not None}


@given(templates(), st.sets(st.sampled_from(Track)))
@settings(max_examples=200, deadline=None)
def test_of_other_tracks_nothing_is_seen_and_nothing_is_lost(made: Template, tracks: set[Track]) -> None:
    seen = within(made, tracks)
    assert [each.title for each in seen.tasks] == [each.title for each in made.tasks if each.track in tracks]
    assert links(seen.tasks) <= links(made.tasks)
    again = with_tasks(made, seen.tasks, tracks)
    assert sorted(each.title for each in again.tasks) == sorted(each.title for each in made.tasks)
    assert within(again, tracks) == seen and links(again.tasks) <= links(made.tasks)
    others = set(Track) - tracks
    assert within(again, others).tasks == within(made, others).tasks


def test_one_that_is_left_out_is_named_no_more() -> None:
    tasks = tuple(
        TemplateTask(track=Track.TECHNICAL, title=str(place), after=(place - 1,) if place else ()) for place in range(3)
    )
    first, last = chosen(tasks, [0, 2])
    assert (first.after, last.after, last.title) == ((), (), "2")


def test_what_is_said_goes_before_the_template_and_the_higher_marking_counts() -> None:
    made = Template(id="tpl_1", name="x", tlp=TLP.AMBER, severity=Severity.HIGH)
    told = said_over(made, {"summary": "", "severity": Severity.UNKNOWN, "type": "phishing", "tlp": TLP.GREEN})
    assert told == {"type": "phishing", "tlp": TLP.AMBER}
    assert said_over(made, {"tlp": TLP.RED, "severity": Severity.LOW}) == {"tlp": TLP.RED, "severity": Severity.LOW}
