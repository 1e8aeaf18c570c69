"""What programs are shown of a tier."""

from __future__ import annotations

from kouprey.readiness.api.shapes import framework_shown
from kouprey.readiness.model import Stand
from kouprey.readiness.rules.evaluating import evaluate
from kouprey.readiness.wire.framework import shipped


def test_without_a_country_there_is_nothing_of_its_owner() -> None:
    framework = shipped()["gci-2024"]
    nothing = evaluate(framework, {})
    shown = framework_shown(Stand(framework=framework, owner=None, ours=nothing, public=nothing, proposed=1))
    assert shown.owner is None and shown.ours.tier is not None and shown.ours.tier.id == "T5" and shown.proposed == 1
    assert shown.retrieved == "2026-11-22" and len(shown.ours.groups) == 5
