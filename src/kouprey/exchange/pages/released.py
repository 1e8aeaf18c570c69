"""How an approval stands, and the roles it waits for, in the words of people."""

from __future__ import annotations

from kouprey.kernel.web.language import mark

STATES = {
    "waiting": (mark("waits"), "warn"),
    "sent": (mark("sent"), "good"),
    "declined": (mark("declined"), "bad"),
    "withdrawn": (mark("withdrawn"), "idle"),
    "barred": (mark("may not go after all"), "bad"),
}
ROLES = {
    "liaison": mark("liaison"),
    "legal": mark("legal adviser"),
    "policy": mark("policy officer"),
    "diplomat": mark("diplomat"),
    "lead": mark("lead"),
}
