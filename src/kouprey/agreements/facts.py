"""What has happened to agreements and to what readers may see."""

from __future__ import annotations

import msgspec


class AgreementChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A version was proposed or signed, or somebody suspended or resumed it."""

    agreement: str
    change: str


class DecisionWidened(msgspec.Struct, frozen=True, kw_only=True):
    """Some reader now sees these label sets and did not before.

    The wider decision is already in force. Whoever keeps ordered collections must move the affected memberships to new
    positions, so that a client that polls behind them meets them again.
    """

    label_sets: tuple[int, ...]


class NoteMade(msgspec.Struct, frozen=True, kw_only=True):
    """A signed note is ready for the other parties of an agreement."""

    agreement: str
    parties: tuple[str, ...]
    note: bytes
    attachment: bytes = b""
