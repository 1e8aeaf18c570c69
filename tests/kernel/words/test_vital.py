"""A vital of one number."""

from kouprey.kernel.words.vital import Sample, gauge


def test_a_gauge_is_one_sample_without_labels() -> None:
    made = gauge("x", "About x.", 3)
    assert (made.kind, made.samples) == ("gauge", (Sample(3),)) and made.samples[0].labels == ()
