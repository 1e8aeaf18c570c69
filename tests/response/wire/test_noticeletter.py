"""The mail counts, in the language of its reader, and says nothing else."""

from __future__ import annotations

from kouprey.response.model.notices import About
from kouprey.response.wire.noticeletter import told, write_notice


def test_it_says_how_much_and_where() -> None:
    letter = write_notice({About.HANDOFF: 2, About.TASK: 1}, "en", "https://a.example/notices")
    assert letter.subject == "[TLP:CLEAR] Something waits for you in Kouprey"
    assert "Something waits for you in Kouprey (2 hand-offs, 1 task)." in letter.text
    assert "https://a.example/notices" in letter.text
    assert told(About.CLOCK, 1) == "1 clock" and told(About.CASE, 3) == "3 cases"
    assert "Something" not in write_notice({About.CASE: 1}, "km", "https://a.example/notices").text
