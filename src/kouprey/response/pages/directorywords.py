"""Words of the directory, translated where they are shown."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.response.model.directory import Authority, Hours

WANTS = {
    "name": mark("the name of the team"),
    "reach": mark("a telephone number"),
    "mail": mark("a mail address"),
    "keys": mark("a key to write to you in confidence"),
    "members": mark("who works there, by role"),
    "mission": mark("what the team is for"),
    "constituency": mark("networks or domains that it is competent for"),
    "incidents": mark("which incidents it helps with"),
    "disclosure": mark("what it passes on, and to whom"),
    "authentication": mark("how one knows that it is you"),
    "services": mark("its services"),
    "verified": mark("that somebody has checked all of it within a year"),
}
AUTHORITIES = {
    Authority.FULL: mark("full: it can have measures carried out"),
    Authority.SHARED: mark("shared: it takes part in such decisions"),
    Authority.NONE: mark("none: it advises"),
}
HOURS = {Hours.ALWAYS: mark("around the clock"), Hours.OFFICE: mark("in office hours")}
DAYS = {
    "mon": mark("Monday"),
    "tue": mark("Tuesday"),
    "wed": mark("Wednesday"),
    "thu": mark("Thursday"),
    "fri": mark("Friday"),
    "sat": mark("Saturday"),
    "sun": mark("Sunday"),
}
