"""The Reference Security Incident Taxonomy, by its machine-readable names.

Facts of the task force of ENISA and TF-CSIRT: version 1003, 11 classes and 39 types, CC0, as of 2026-05-13.
"""

from __future__ import annotations

from collections.abc import Mapping

RSIT: Mapping[str, tuple[str, ...]] = {
    "abusive-content": ("spam", "harmful-speech", "violence"),
    "malicious-code": ("infected-system", "c2-server", "malware-distribution", "malware-configuration"),
    "information-gathering": ("scanner", "sniffing", "social-engineering"),
    "intrusion-attempts": ("ids-alert", "brute-force", "exploit"),
    "intrusions": (
        "privileged-account-compromise",
        "unprivileged-account-compromise",
        "application-compromise",
        "system-compromise",
        "burglary",
    ),
    "availability": ("dos", "ddos", "misconfiguration", "sabotage", "outage"),
    "information-content-security": (
        "unauthorised-information-access",
        "unauthorised-information-modification",
        "data-loss",
        "data-leak",
    ),
    "fraud": ("unauthorised-use-of-resources", "copyright", "masquerade", "phishing"),
    "vulnerable": (
        "weak-crypto",
        "ddos-amplifier",
        "potentially-unwanted-accessible",
        "information-disclosure",
        "vulnerable-system",
    ),
    "other": ("other", "undetermined"),
    "test": ("test",),
}
"""Class -> its types."""


def class_of(kind: str) -> str:
    """The class of a type, "" for a type there is none of."""
    return next((name for name, kinds in RSIT.items() if kind in kinds), "")
