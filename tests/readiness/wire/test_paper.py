"""The sheet of how a country stands, in each language."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from kouprey.kernel.words.errors import Damaged
from kouprey.readiness.model import Stand
from kouprey.readiness.rules.evaluating import evaluate, evaluate_figure
from kouprey.readiness.wire.framework import shipped
from kouprey.readiness.wire.paper import draw


def test_it_says_where_a_country_stands_and_from_where_that_is() -> None:
    framework = shipped()["gci-2024"]
    figure = framework.figure("KHM")
    assert figure is not None
    nothing = evaluate(framework, {})
    stands = [
        Stand(framework=framework, owner=evaluate_figure(framework, figure), ours=nothing, public=nothing, proposed=0)
    ]
    for language in ("en", "km"):
        drawn = draw(stands, "Cambodia", language=language, home="CERT", at=10**15)
        text = PdfReader(BytesIO(drawn)).pages[0].extract_text()
        assert "37.09 / 100" in text and "Cambodia" in text and "ITU" in text
    with pytest.raises(Damaged):
        draw(stands, "", language="xx", home="CERT", at=10**15)
