"""A profile as a plain text in the order of RFC 2350, appendix A, for printing and for the web page of a team."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from kouprey.kernel.words.time import Instant, format_second
from kouprey.response.model.directory import Authority, Hours, Profile
from kouprey.response.wire.words import plain

WIDTH = 72
_AUTHORITY = {
    Authority.FULL: "Full: the team can have measures carried out in its constituency.",
    Authority.SHARED: "Shared: the team takes part in such decisions.",
    Authority.NONE: "None: the team advises.",
}
NOTHING = "Not stated."


def write_text(profile: Profile, *, node_key: str = "") -> str:
    """The document. Its headings stay in English, as those who look for them know them."""
    lines: list[str] = []
    for heading, body in _sections(profile, node_key):
        lines += ["", heading, ""] if body else ["", heading]
        for paragraph in plain(body).splitlines():
            lines += [
                f"   {line}" for line in wrap(paragraph, WIDTH - 3, break_long_words=False, break_on_hyphens=False)
            ] or [""]
    title = plain(profile.name or profile.party)
    return "\n".join([f"RFC 2350 profile of {title}", "=" * min(WIDTH, 20 + len(title)), *lines, ""])


def hours_of(profile: Profile) -> str:
    """When the team answers, in the words of the document."""
    if profile.hours is Hours.ALWAYS:
        return "24x7"
    return f"{', '.join(day.title() for day in profile.days)} {profile.opens}-{profile.closes} ({profile.zone})"


def _sections(profile: Profile, node_key: str) -> Iterator[tuple[str, str]]:
    yield "1. Document Information", ""
    yield (
        "1.1 Date of Last Update",
        f"Version {profile.version} of {_day(profile.at)}; checked: {_day(profile.verified)}",
    )
    yield "1.2 Distribution List for Notifications", "Partners of this team are told by their nodes."
    yield "1.3 Locations where this Document May Be Found", f"The node of {profile.party}"
    yield "2. Contact Information", ""
    yield "2.1 Name of the Team", profile.name or profile.party
    yield "2.2 Address", profile.address or NOTHING
    yield "2.3 Time Zone", profile.zone
    yield "2.4 Telephone Number", profile.phone or NOTHING
    yield "2.5 Facsimile Number", "None."
    yield "2.6 Other Telecommunication", profile.reach or "None."
    yield "2.7 Electronic Mail Address", profile.mail or NOTHING
    yield "2.8 Public Keys and Other Encryption Information", _keys(profile, node_key)
    yield "2.9 Team Members", profile.members or NOTHING
    yield "2.10 Other Information", profile.web or "None."
    duty = profile.duty
    now = f"\nOn duty until {_day(duty.until)}: {duty.role}, {duty.reach}" if duty is not None else ""
    yield "2.11 Points of Customer Contact", f"Hours: {hours_of(profile)}{now}"
    yield "3. Charter", ""
    yield "3.1 Mission Statement", profile.mission or NOTHING
    yield "3.2 Constituency", _constituency(profile)
    yield "3.3 Sponsorship and/or Affiliation", profile.sponsor or NOTHING
    yield "3.4 Authority", "\n".join(filter(None, [_AUTHORITY[profile.authority], profile.authority_text]))
    yield "4. Policies", ""
    yield "4.1 Types of Incidents and Level of Support", profile.incidents or NOTHING
    tlp = (
        "The Traffic Light Protocol (TLP 2.0) is honoured."
        if profile.tlp
        else "The Traffic Light Protocol is not used."
    )
    yield (
        "4.2 Co-operation, Interaction and Disclosure of Information",
        "\n".join(filter(None, [tlp, profile.disclosure])),
    )
    yield "4.3 Communication and Authentication", profile.authentication or NOTHING
    yield "5. Services", profile.services or NOTHING
    yield "6. Incident Reporting Forms", profile.forms or "None."
    yield "7. Disclaimers", profile.disclaimers or "None."


def _keys(profile: Profile, node_key: str) -> str:
    named = (("Node", node_key), ("PGP", profile.pgp), ("age", profile.age))
    return "\n".join(f"{name}: {key}" for name, key in named if key) or NOTHING


def _constituency(profile: Profile) -> str:
    lists = (
        ("Autonomous systems", ", ".join(f"AS{number}" for number in profile.asns)),
        ("Networks", ", ".join(profile.prefixes)),
        ("Domains", ", ".join(profile.domains)),
        ("Sectors", ", ".join(profile.sectors)),
    )
    told = [f"{name}: {text}" for name, text in lists if text]
    return "\n".join(filter(None, [profile.constituency, *told])) or NOTHING


def _day(instant: Instant) -> str:
    return format_second(instant) if instant else "never"
