"""What cases are called on pages and on paper alike, to be translated where it is shown."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.response.model.cases import Kind, LinkTo, Phase, Precision, Severity, TaskState, Track

KINDS = {
    Kind.INCIDENT: mark("Incident"),
    Kind.REPORT: mark("Report"),
    Kind.INVESTIGATION: mark("Investigation"),
    Kind.EXERCISE: mark("Exercise"),
}
PHASES = {
    Phase.REPORTED: (mark("reported"), "warn"),
    Phase.ANALYSED: (mark("being analysed"), "info"),
    Phase.CONTAINED: (mark("contained"), "info"),
    Phase.RECOVERED: (mark("recovered"), "good"),
    Phase.CLOSED: (mark("closed"), "idle"),
}
"""Phase -> how it is called, and its tone."""
SEVERITIES = {
    Severity.UNKNOWN: (mark("not rated"), ""),
    Severity.LOW: (mark("low"), ""),
    Severity.MEDIUM: (mark("medium"), "info"),
    Severity.HIGH: (mark("high"), "warn"),
    Severity.CRITICAL: (mark("critical"), "bad"),
}
TRACKS = {
    Track.TECHNICAL: mark("technical"),
    Track.LEGAL: mark("legal"),
    Track.POLICY: mark("policy"),
    Track.DIPLOMATIC: mark("diplomatic"),
    Track.COMMUNICATION: mark("communication"),
}
STATES = {
    TaskState.OPEN: (mark("to do"), "warn"),
    TaskState.DOING: (mark("being done"), "info"),
    TaskState.DONE: (mark("done"), "good"),
    TaskState.DROPPED: (mark("not needed"), "idle"),
}
MOMENTS = {
    "occurred": mark("It began"),
    "detected": mark("Somebody noticed"),
    "reported": mark("We were told"),
    "acknowledged": mark("We took it up"),
    "contained": mark("It spread no further"),
    "recovered": mark("All worked again"),
    "closed": mark("Closed"),
}
SPANS = {
    "detect": mark("Until it was noticed"),
    "acknowledge": mark("Until we took it up"),
    "contain": mark("Until it was contained"),
    "recover": mark("Until all worked again"),
}
PRECISIONS = {
    Precision.SECOND: mark("to the second"),
    Precision.MINUTE: mark("to the minute"),
    Precision.HOUR: mark("to the hour"),
    Precision.DAY: mark("to the day"),
}
LINKS = {
    LinkTo.OBJECT: mark("Object of the exchange"),
    LinkTo.HANDOFF: mark("Hand-off"),
    LinkTo.STRATEGY: mark("Strategy"),
    LinkTo.TICKET: mark("Ticket elsewhere"),
}
TYPES = {
    "spam": mark("Spam"),
    "harmful-speech": mark("Harmful speech"),
    "violence": mark("Violence or abuse of children"),
    "infected-system": mark("Infected system"),
    "c2-server": mark("Command and control server"),
    "malware-distribution": mark("Distribution of malware"),
    "malware-configuration": mark("Configuration of malware"),
    "scanner": mark("Scanning"),
    "sniffing": mark("Sniffing"),
    "social-engineering": mark("Social engineering"),
    "ids-alert": mark("Exploiting a known vulnerability"),
    "brute-force": mark("Log-in attempts"),
    "exploit": mark("A new attack"),
    "privileged-account-compromise": mark("Privileged account taken over"),
    "unprivileged-account-compromise": mark("Ordinary account taken over"),
    "application-compromise": mark("Application taken over, such as a defaced site"),
    "system-compromise": mark("System taken over"),
    "burglary": mark("Burglary"),
    "dos": mark("Denial of service"),
    "ddos": mark("Distributed denial of service"),
    "misconfiguration": mark("Misconfiguration"),
    "sabotage": mark("Sabotage"),
    "outage": mark("Outage"),
    "unauthorised-information-access": mark("Access to information without right"),
    "unauthorised-information-modification": mark("Change of information without right"),
    "data-loss": mark("Loss of data"),
    "data-leak": mark("Leak of confidential data"),
    "unauthorised-use-of-resources": mark("Use of resources without right"),
    "copyright": mark("Copyright"),
    "masquerade": mark("Pretending to be somebody else"),
    "phishing": mark("Phishing"),
    "weak-crypto": mark("Weak cryptography, open to all"),
    "ddos-amplifier": mark("Amplifier of denial of service"),
    "potentially-unwanted-accessible": mark("Service that should not be open"),
    "information-disclosure": mark("Disclosure of information"),
    "vulnerable-system": mark("Vulnerable system"),
    "other": mark("Anything else"),
    "undetermined": mark("Not yet known"),
    "test": mark("A test"),
}
"""Types of the Reference Security Incident Taxonomy in words of our own."""
