"""What happens in a dossier, in words: for pages and for paper."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.kernel.web.language import mark
from kouprey.proceedings.model import Act, Disclosure, Kind, Part, Purpose

ACTS: Mapping[Act, str] = {
    Act.OPEN: mark("Dossier opened"),
    Act.ADD_MEMBER: mark("Somebody was named"),
    Act.REMOVE_MEMBER: mark("Somebody was removed"),
    Act.SEAL: mark("Sealed and handed in"),
    Act.GRANT: mark("Sealed to somebody more"),
    Act.IDENTIFY: mark("Identified"),
    Act.COLLECT: mark("Collected"),
    Act.ACQUIRE: mark("Acquired"),
    Act.PRESERVE: mark("Preserved"),
    Act.OFFER: mark("Custody offered"),
    Act.RECEIVE: mark("Custody received"),
    Act.RELEASE: mark("Released"),
    Act.FAIL: mark("Release failed: the seal could not be taken off"),
    Act.FILE_BASIS: mark("Basis filed"),
    Act.REMIND: mark("Told: a release has no basis"),
    Act.HOLD: mark("Legal hold placed"),
    Act.LIFT_HOLD: mark("Legal hold lifted"),
    Act.DISCLOSE: mark("To be disclosed"),
    Act.WITHHOLD: mark("Withheld"),
    Act.DISPOSE: mark("Disposed of"),
    Act.KEPT: mark("Kept by a legal hold"),
    Act.GIVE: mark("Given to a partner"),
    Act.ARRIVE: mark("Came from a partner"),
    Act.RECEIVED_THERE: mark("Received by the partner"),
}

PURPOSES: Mapping[Purpose, str] = {
    Purpose.INVESTIGATION: mark("Investigation"),
    Purpose.PROSECUTION: mark("Prosecution"),
    Purpose.DEFENCE: mark("Defence"),
    Purpose.COURT: mark("Court"),
    Purpose.ASSISTANCE: mark("Mutual legal assistance"),
    Purpose.OVERSIGHT: mark("Oversight"),
}

PARTS: Mapping[Part, str] = {Part.CUSTODIAN: mark("Custodian"), Part.READER: mark("Named reader")}

KINDS: Mapping[Kind, str] = {
    Kind.TITLE: mark("The title of the dossier"),
    Kind.THING: mark("Sealed thing"),
    Kind.REDACTION: mark("Redaction"),
}

DISCLOSURES: Mapping[Disclosure, tuple[str, str]] = {
    Disclosure.UNDECIDED: (mark("undecided"), "idle"),
    Disclosure.DISCLOSED: (mark("to be disclosed"), "good"),
    Disclosure.WITHHELD: (mark("withheld"), "warn"),
}
"""Words and tone."""
