"""What has happened in the exchange."""

from __future__ import annotations

import msgspec


class ObjectsReceived(msgspec.Struct, frozen=True, kw_only=True):
    """Versions became news: new ones, or ones that changed for some reader; positions `first` to `last`, inclusive."""

    first: int
    last: int
    count: int


class VersionErased(msgspec.Struct, frozen=True, kw_only=True):
    """A version went for good; `reports` are the reports that named it, itself among them if it was one."""

    stix_id: str
    reports: tuple[str, ...]


class ObjectsPublished(msgspec.Struct, frozen=True, kw_only=True):
    """Objects were queued for the parties of an agreement."""

    agreement: str
    count: int
