"""What to do about a finding, by its code: a sentence for whoever wrote the object, or for us when we did."""

from __future__ import annotations

REMEDIES = {
    "case": "Write it in lower case, with hyphens between words.",
    "combination": "Give the properties that belong together, and leave out the ones that exclude each other.",
    "custom": "Name an extension definition for it in 'extensions', or leave it as a private addition.",
    "deprecated": "Use what has taken its place.",
    "empty": "Leave it out.",
    "enumeration": "Choose one of the values listed.",
    "extension": "Tell it by an extension definition.",
    "form": "Write it in the form named.",
    "hash": "Give the hash of the right algorithm.",
    "id-mismatch": "Derive the id from the properties again, or give it a UUID of version 4.",
    "identifier": "Give it an id like indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.",
    "language": "Give a language tag such as km or en-GB.",
    "missing": "Add what is required.",
    "name": "Rename it.",
    "order": "Correct one of the two times.",
    "precision": "Give three digits after the second.",
    "range": "Give a number within the limits.",
    "recommended": "Add what is recommended, so that people understand it.",
    "reference": "Refer to an object of a type that is allowed here.",
    "reserved": "Choose another name.",
    "selector": "Select what is in the object, or leave the marking out.",
    "too-many": "Correct what is listed and have it judged again.",
    "type": "Give a value of the type named.",
    "uuid-version": "Use this version for new objects; the id of one that is known stays as it is.",
    "vocabulary": "Use a word of the vocabulary if one fits.",
}


def remedy(code: str) -> str:
    """What to do, "" for findings about patterns: those say it themselves."""
    return REMEDIES.get(code, "")
