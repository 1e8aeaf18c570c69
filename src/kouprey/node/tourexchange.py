"""The tour in words, first half: how three parties come to exchange what they know, through a cut."""

from __future__ import annotations

from kouprey.node.steps import (
    ANALYST,
    DIRECTOR,
    ENGINEER,
    JOURNALIST,
    LIAISON,
    MINISTRY,
    NEIGHBOUR,
    OPERATOR,
    PROSECUTOR,
    Step,
)

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
        deeper=True,
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
        "/watch",
        ANALYST,
        "Now the ministry's own sensors speak. Each line of their logs is held against all that partners have told.",
        "Nothing was sent yet; the first log comes now.",
        "main .panel",
        before=True,
    ),
    Step(
        "sighting",
        OPERATOR,
        "/intelligence/<server>",
        ENGINEER,
        "A line of that log went to this server. Rith learns within a second that his finding was right, and nothing of"
        " the ministry's network.",
        "Seen, reported by the ministry.",
        "#sightings, main .page-header",
    ),
    Step(
        "mail",
        MINISTRY,
        "/intelligence/text",
        ANALYST,
        "A bank forwards an odd mail in which somebody has made the addresses harmless. Paste the mail,"
        " and choose what to keep.",
        "The mail is pasted here.",
        "#f-text",
        before=True,
        deeper=True,
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
        deeper=True,
    ),
    Step(
        "bank",
        OPERATOR,
        "/constituents",
        JOURNALIST,
        "That bank needs no node: the operator, whose customer it is, hosts it as a reader.",
        "Nobody is hosted here yet.",
        "main .empty",
        before=True,
        deeper=True,
    ),
    Step(
        "bank",
        OPERATOR,
        "/constituents/<bank>",
        ANALYST,
        "It sees what concerns its own networks and nothing else. Today that is a machine of its own, and a mail has"
        " told it so.",
        "All that the bank is shown of what the operator holds.",
        ".panel:has(.rows a[href^='/intelligence/'])",
        deeper=True,
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
)
