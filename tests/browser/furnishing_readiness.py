"""Readiness with a country, answers in each state, and evidence that everybody can read."""

from __future__ import annotations

from browser.stage import Stage


def furnish_readiness(stage: Stage) -> None:
    """What a director has after some months; the story has exchanged, so that something can be confirmed."""
    at = stage.actors["ministry"].command
    at("readiness", "country", "KHM")
    at("readiness", "claim", "ncsi-3", "1.4", "3", "--evidence", "https://gov.example/strategy", "--note", "Until 2030")
    at("readiness", "claim", "ncsi-3", "1.1", "3", "--evidence", "Decree 12/26")
    at("readiness", "claim", "sim3", "O-1", "3", "--evidence", "Charter of the team, signed")
    at("readiness", "confirm", "ncsi-3", "9.5", "--note", "With the operators and a neighbour")
    at("readiness", "publish", "ncsi-3", "9.5")
