"""The tour in words: the steps of the story that the pages tell.

A step is told before its chapter is played, or after; it names the page where it is told and what to look at there.
`<name>` in a path is filled in by the story.
"""

from __future__ import annotations

from kouprey.node import tourexchange, tourtogether

STEPS = (*tourexchange.STEPS, *tourtogether.STEPS)


def count_words(*, whole: bool) -> int:
    """How many words somebody reads who takes the short or the whole tour without doing anything by hand."""
    told = [step for step in STEPS if whole or not step.deeper]
    return sum(len(f"{step.text} {step.caption}".split()) for step in told)
