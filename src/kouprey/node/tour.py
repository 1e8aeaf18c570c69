"""The tour in words: the steps of the story that the pages tell, and what a person can do by hand in each chapter.

A step is told before its chapter is played, or after; it names the page where it is told and what to look at there.
`<name>` in a path is filled in by the story.
"""

from __future__ import annotations

from dataclasses import dataclass

MINISTRY, OPERATOR, NEIGHBOUR = "ministry", "operator", "neighbour"

ANALYST = "for an analyst"
ENGINEER = "for a SOC engineer"
LIAISON = "for a liaison officer"
PROSECUTOR = "for a prosecutor"
JOURNALIST = "for a journalist"
DIRECTOR = "for a director"

WORDS_A_MINUTE = 200
"""How fast somebody reads who has never seen the pages."""


@dataclass(frozen=True)
class Step:
    """One told step: `chapter` by key, `target` CSS selectors of what is outlined, `caption` what to see in it."""

    chapter: str
    party: str
    path: str
    role: str
    text: str
    caption: str
    target: str
    before: bool = False


@dataclass(frozen=True)
class Deed:
    """Something to do by hand: the instruction, the page where it is done, and the check of Story that looks for it."""

    text: str
    party: str
    path: str
    check: str


@dataclass(frozen=True)
class Hands:
    """What of a chapter a person can do: `ready` names what Story does first, `material` what is needed for it."""

    deeds: tuple[Deed, ...]
    ready: str = ""
    material: str = ""


STEPS = (
    Step(
        "nodes",
        MINISTRY,
        "/",
        DIRECTOR,
        "A ministry, a telecom operator and the CERT of a neighbouring country have each installed a node of their own"
        " with one command. There is no cloud and nobody in the middle.",
        "Three nodes are running. Each colour is one of them; the tabs lead from one to another.",
        ".tour-tabs",
    ),
    Step(
        "cards",
        MINISTRY,
        "/partners/card",
        LIAISON,
        "Before anything is shared, the parties must know each other. Each signs a card with its own key. Sophea will"
        " read eight words to Rith over the telephone: equal words, same key.",
        "These are the eight words of the ministry.",
        ".fingerprint",
        before=True,
    ),
    Step(
        "cards",
        MINISTRY,
        "/partners",
        ENGINEER,
        "Every card was compared and taken, and the links between the nodes were set up. From now on each node"
        " recognises the others by their keys, whatever network lies between.",
        "The two partners of the ministry, each with the state of its link.",
        ".cards",
    ),
    Step(
        "agreement",
        MINISTRY,
        "/agreements",
        DIRECTOR,
        "Nothing leaves a node without an agreement. The ministry now drafts a memorandum, and the two others sign the"
        " same bytes. Each keeps its own signed copy.",
        "Nothing is agreed yet, so nothing could be shared.",
        "main .empty, main .card",
        before=True,
    ),
    Step(
        "agreement",
        OPERATOR,
        "/agreements/<agreement>",
        PROSECUTOR,
        "The memorandum is in force, and it is not only paper: each numbered clause is also a rule that the nodes obey,"
        " and each later decision names the clause it rests on.",
        "Nothing above TLP:AMBER may pass. Remember this clause.",
        "#clause-2",
    ),
    Step(
        "findings",
        OPERATOR,
        "/intelligence/import",
        ENGINEER,
        "At night the operator's SOC finds a campaign against news sites: servers, lures, a loader, and a person who"
        " warned them in confidence. All of it goes into the operator's own node, and nowhere else.",
        "A file is dropped here, or pasted.",
        "form[action='/intelligence/import']",
        before=True,
    ),
    Step(
        "findings",
        OPERATOR,
        "/intelligence/<witness>",
        JOURNALIST,
        "This note protects a source. It is marked TLP:RED: for the eyes of the house only. The next step tries to give"
        " everything away, so watch what happens to it.",
        "The note about the witness is marked TLP:RED.",
        "main .page-header",
    ),
    Step(
        "publish",
        OPERATOR,
        "/intelligence/<report>",
        ANALYST,
        "The report ties all of it together, and it names the note about the witness. Rith now publishes everything he"
        " has; what may go is decided object by object, by the clauses that were signed.",
        "The report, before it is published.",
        "main .page-header",
        before=True,
    ),
    Step(
        "publish",
        MINISTRY,
        "/intelligence",
        ANALYST,
        "A moment later the ministry holds what was given, with its source and its marking. The report has come without"
        " the line that named the witness.",
        "What the operator has given. The note is not among it.",
        "main .panel.flush",
    ),
    Step(
        "publish",
        OPERATOR,
        "/intelligence/<witness>",
        JOURNALIST,
        "The note has stayed. It was not forgotten or filtered by chance: the operator's node says to whom it was"
        " refused and because of which clause. Your source is safe, and that can be shown.",
        "For each party: what was decided, and why.",
        "#who",
    ),
    Step(
        "sighting",
        MINISTRY,
        "/intelligence/<server>",
        ANALYST,
        "One of these servers now turns up in the ministry's own logs. One form is enough to say so, and whoever found"
        " it first will know.",
        "This is where she says that she has seen it.",
        "#say",
        before=True,
    ),
    Step(
        "sighting",
        OPERATOR,
        "/intelligence/<server>",
        ENGINEER,
        "Rith learns within a second that his finding was right, and where it was met. His customers can be protected"
        " before they call.",
        "Seen three times, reported by the ministry.",
        "#sightings, main .page-header",
    ),
    Step(
        "mail",
        MINISTRY,
        "/intelligence/text",
        ANALYST,
        "A bank forwards an odd mail in which somebody has made the addresses harmless. Nobody has to retype them:"
        " paste the mail, and choose what to keep.",
        "The mail is pasted here.",
        "#f-text",
        before=True,
    ),
    Step(
        "mail",
        MINISTRY,
        "/observables/ipv4-addr?value=198.51.100.7",
        ANALYST,
        "The addresses were found, the false friends were named, and the node remembered: this server has been known"
        " since the operator's report. The bank can be answered at once.",
        "Who has named this address, and where.",
        "main .panel.flush",
    ),
    Step(
        "cut",
        MINISTRY,
        "/partners",
        LIAISON,
        "Now the line to the neighbour will be cut: a ship's anchor, a border, an attack. Work must go on, so the"
        " ministry will publish three warnings all the same.",
        "Both links still work.",
        ".cards",
        before=True,
    ),
    Step(
        "cut",
        MINISTRY,
        "/partners/cert.talay.example",
        DIRECTOR,
        "The operator has the warnings already. For the neighbour three are waiting, in order and signed. Nobody has to"
        " remember them, and nothing is lost.",
        "Three entries wait for the neighbour.",
        ".panel:has(form[action$='/parcel'])",
    ),
    Step(
        "parcel",
        MINISTRY,
        "/partners/parcels",
        LIAISON,
        "Those three will not wait for a cable. The ministry makes a parcel: a file that only the neighbour can open. A"
        " courier carries it on a stick, and brings the receipts back.",
        "Parcels are made and read here.",
        "main .columns, main .panel",
        before=True,
    ),
    Step(
        "parcel",
        NEIGHBOUR,
        "/intelligence/<warning>",
        ANALYST,
        "The neighbour reads the warning although no line is up. Every signature was checked on its own machine,"
        " without asking anybody.",
        "A warning that came by hand, and counts as much as one by wire.",
        "main .page-header",
    ),
    Step(
        "heal",
        NEIGHBOUR,
        "/partners",
        ENGINEER,
        "Now the line comes back. Many systems would send everything again, or miss what was in between. Here both"
        " nodes go on exactly where they stopped.",
        "The links of the neighbour, still dead.",
        ".cards",
        before=True,
    ),
    Step(
        "heal",
        MINISTRY,
        "/ledger",
        DIRECTOR,
        "Nothing was sent twice, nothing waits, and the neighbour has already answered with a sighting. Each line says"
        " what was given, to whom, under which clause and when it was confirmed.",
        "The ledger of the ministry: given, waiting, received.",
        "main .metrics",
    ),
    Step(
        "proof",
        MINISTRY,
        "/ledger",
        PROSECUTOR,
        "Months later somebody asks what was shared. All three ledgers are exported, and a small program that shares no"
        " code with Kouprey checks every signature and compares them.",
        "The export, and how anybody can check it.",
        ".panel:has(.code)",
        before=True,
    ),
    Step(
        "proof",
        MINISTRY,
        "/story",
        DIRECTOR,
        "The three ledgers are equal. What you have seen was not a film: three nodes on this machine have done all of"
        " it, and you can go on with them.",
        "The story in numbers, and how to begin with your own.",
        "#end",
    ),
)

HANDS: dict[str, Hands] = {
    "agreement": Hands(
        (
            Deed(
                "As Rith: open the memorandum, press “Read and sign”, read it, and sign.",
                OPERATOR,
                "/agreements",
                "operator_signature",
            ),
            Deed("As Anan: sign the same memorandum.", NEIGHBOUR, "/agreements", "neighbour_signature"),
        ),
        ready="propose",
    ),
    "findings": Hands(
        (
            Deed(
                "Save the file of the SOC, or copy its text. As Rith: choose or paste it, and press “Import”.",
                OPERATOR,
                "/intelligence/import",
                "findings",
            ),
        ),
        material="findings",
    ),
    "publish": Hands(
        (
            Deed(
                "As Rith: press “Publish” on the report, read what stays behind, and press “Publish now”. The story"
                " publishes the rest.",
                OPERATOR,
                "/intelligence/<report>",
                "publication",
            ),
        ),
    ),
    "sighting": Hands(
        (
            Deed(
                "As Sophea: open “I have seen this” on the server, write 3, and press “Say so”.",
                MINISTRY,
                "/intelligence/<server>#say",
                "sighting",
            ),
        ),
    ),
    "mail": Hands(
        (
            Deed(
                "As Sophea: copy the mail, paste it, and press “Find values”. Choose “malicious” for the address that"
                " begins with http, and save.",
                MINISTRY,
                "/intelligence/text",
                "lure",
            ),
        ),
        material="mail",
    ),
    "parcel": Hands(
        (
            Deed(
                "As Sophea: press “Make a parcel” for the neighbour and keep the file.",
                MINISTRY,
                "/partners/cert.talay.example",
                "parcel_made",
            ),
            Deed("As Anan: choose that file and press “Read it”.", NEIGHBOUR, "/partners/parcels", "parcel_read"),
            Deed(
                "As Anan: make a parcel for the ministry. It holds the receipts.",
                NEIGHBOUR,
                "/partners/cert.sovan.example",
                "answer_made",
            ),
            Deed("As Sophea: read the parcel that came back.", MINISTRY, "/partners/parcels", "answer_read"),
        ),
    ),
    "heal": Hands(
        (
            Deed(
                "The line is back. As Anan: open “I have seen this” on the warning, and press “Say so”.",
                NEIGHBOUR,
                "/intelligence/<warning>#say",
                "answer_sighting",
            ),
        ),
        ready="reconnect",
    ),
    "proof": Hands(
        (
            Deed(
                "As Sophea: press “Export” and keep the file. Then give it to the verifier on this page.",
                MINISTRY,
                "/ledger",
                "verdict",
            ),
        ),
    ),
}
"""Chapter -> what of it can be done by hand. The others need a hand at a cable, or at three keyboards at once."""


def count_words() -> int:
    """How many words somebody reads who takes the whole tour without doing anything by hand."""
    return sum(len(f"{step.text} {step.caption}".split()) for step in STEPS)
