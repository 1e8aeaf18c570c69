"""Decisions of MISP: what an event becomes in STIX, and what an event that changed takes back."""

from kouprey.misp.rules.events import changed_of, convert, revocations, uuid_of

__all__ = ["changed_of", "convert", "revocations", "uuid_of"]
