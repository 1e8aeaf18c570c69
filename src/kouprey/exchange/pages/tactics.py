"""The tactics of ATT&CK by name, as every page calls them."""

from __future__ import annotations

from kouprey.kernel.web.language import mark, pgettext

TACTICS = {
    "reconnaissance": mark("Reconnaissance"),
    "resource-development": mark("Resource development"),
    "initial-access": mark("Initial access"),
    "execution": mark("Execution"),
    "persistence": mark("Persistence"),
    "privilege-escalation": mark("Privilege escalation"),
    "defense-evasion": mark("Defense evasion"),
    "credential-access": mark("Credential access"),
    "discovery": mark("Discovery"),
    "lateral-movement": mark("Lateral movement"),
    "collection": mark("Collection"),
    "command-and-control": mark("Command and control"),
    "exfiltration": mark("Exfiltration"),
    "impact": mark("Impact"),
}
"""The tactics of ATT&CK for enterprises, in the order of an attack."""


def tactic(key: str) -> str:
    """A tactic in the language of the answer, "" for what is none; “Collection” is no collection of objects."""
    return pgettext("tactic", TACTICS[key]) if key in TACTICS else ""
