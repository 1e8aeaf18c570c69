"""What programs read of the directory is what is kept of it."""

from __future__ import annotations

from kouprey.kernel.words.time import SECOND
from kouprey.response.api import directoryshapes as shapes
from kouprey.response.model.directory import Drill, Entry, Profile, Proposal
from kouprey.response.rules.drills import measured
from response.wire.test_profiles import WHOLE


def test_no_field_of_a_profile_is_left_out() -> None:
    assert set(Profile.__struct_fields__) <= set(shapes.ProfileShown.__struct_fields__)
    assert set(Profile.__struct_fields__) - {"party", "version", "at", "duty"} == set(
        shapes.NewProfile.__struct_fields__
    )
    shown = shapes.profile_shown(Entry(profile=WHOLE, agreements=("agr",), came_at=0, written_by=""), "key")
    assert shown.hours == "always" and shown.duty is not None and shown.duty.role == "Duty officer"
    assert shown.came == "" and shown.node_key == "key" and shown.members == WHOLE.members


def test_never_is_no_number() -> None:
    drill = Drill(handoff="h", party="b.example", agreement="agr", sent_by="p", sent_at=SECOND, closed_at=9 * SECOND)
    found = shapes.speed(measured([drill]))
    assert found is not None and found.acknowledged_s is None and found.success == "" and found.unanswered == 1
    assert shapes.speed(None) is None and shapes.speed(measured([])) is None


def test_an_open_proposal_is_of_its_own_time() -> None:
    made = Proposal(
        message="m", handoff="h", title="t", said_by="b", competent="c", subjects=("x.example",), text="", at=SECOND
    )
    assert shapes.proposal(made).state == "open" and shapes.proposal(made).at.startswith("1970-01-01T00:00:01")
