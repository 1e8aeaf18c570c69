"""The chapters of the story in words: what each is called, what happens in it, and where to look afterwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """One chapter as it is written; `plays` names the method of Story that plays it, `look`: (party, path, label)."""

    key: str
    title: str
    text: str
    plays: str
    look: tuple[tuple[str, str, str], ...] = ()


CHAPTERS = (
    Script(
        "nodes",
        "Three nodes",
        "A ministry, a telecom operator and the CERT of the neighbouring country each install a node with one"
        " command. Every node makes its own keys; there is no password and nobody in the middle.",
        "set_up",
        (("ministry", "/", "The ministry's overview"),),
    ),
    Script(
        "cards",
        "Cards, compared by voice",
        "Each party signs a card with its root key. The others take it and read eight words to each other over"
        " the telephone: equal words, same key.",
        "exchange_cards",
        (("ministry", "/partners", "The ministry's partners"),),
    ),
    Script(
        "agreement",
        "One agreement, three signatures",
        "The ministry drafts a memorandum: nothing above TLP:AMBER, for incident response and protection. The"
        " operator and the neighbour sign the same bytes. It is in force when the third signature is held.",
        "sign_agreement",
        (("operator", "/agreements", "The agreement at the operator"),),
    ),
    Script(
        "findings",
        "The operator finds something",
        "Its SOC has found a campaign against news sites: servers, lures, a loader, and the name of a witness"
        " that must not leave the house. All of it goes into the operator's own node.",
        "import_findings",
        (("operator", "/intelligence", "What the operator holds"),),
    ),
    Script(
        "publish",
        "Published, and what stayed behind",
        "The operator publishes everything to the agreement. The agreement decides object by object: the"
        " witness is TLP:RED and stays; the report travels without the reference to the witness.",
        "publish_findings",
        (
            ("ministry", "/intelligence", "What the ministry received"),
            ("operator", "/ledger", "The operator's ledger"),
        ),
    ),
    Script(
        "sighting",
        "Seen in the ministry's network",
        "The ministry's sensor sends its log, and the node holds each line against all it knows. One goes to a server"
        " that the operator has named. An analyst tells of it: how often and when, and nothing of her network.",
        "report_sighting",
        (
            ("ministry", "/watch", "The alert at the ministry"),
            ("operator", "/intelligence?type=sighting", "The sighting at the operator"),
        ),
    ),
    Script(
        "mail",
        "A mail becomes intelligence",
        "A bank forwards a mail in which somebody has made the addresses harmless. The ministry's node finds them all"
        " the same, says which are false friends, and that the operator knows one of the servers. What the analyst"
        " chooses is kept, with a report that names it.",
        "read_mail",
        (("ministry", "/intelligence?type=report", "The report at the ministry"),),
    ),
    Script(
        "bank",
        "A bank without a node",
        "The bank is a customer of the operator, which hosts it as a reader: it is shown what concerns its networks,"
        " and nothing else. When a machine of its own is named, a mail tells it so.",
        "host_bank",
        (("operator", "/constituents/bank-of-sovan.example", "The bank at the operator"),),
    ),
    Script(
        "cut",
        "The link is cut",
        "The line to the neighbour goes dead. The ministry goes on working and publishes three warnings. The"
        " operator has them at once; for the neighbour three are waiting, and nobody has to remember that.",
        "cut_link",
        (("ministry", "/partners", "What waits for the neighbour"),),
    ),
    Script(
        "parcel",
        "A parcel by hand",
        "The ministry makes a parcel and a courier carries it on a stick. Only the neighbour can open it; it"
        " verifies alone. A parcel with the neighbour's receipts goes back the same way.",
        "carry_parcels",
        (("neighbour", "/intelligence", "What the neighbour holds now"),),
    ),
    Script(
        "heal",
        "The link heals",
        "The line comes back. Both nodes go on where they stopped: nothing is sent twice, nothing is missing,"
        " and the ledgers of both sides say the same.",
        "heal_link",
        (("ministry", "/ledger", "The ministry's ledger"), ("neighbour", "/ledger", "The neighbour's ledger")),
    ),
    Script(
        "tighten",
        "Tighter, alone and at once",
        "The neighbour may tighten the memorandum for its part without asking anybody. From that moment the operator's"
        " report is closed to it, and the node names the party and the clause.",
        "tighten",
        (("operator", "/agreements", "The agreement at the operator"),),
    ),
    Script(
        "release",
        "Two persons for the border",
        "The three sign a second version: what is TLP:AMBER goes again once a second person has released it. Dara asks,"
        " Sophea releases, and it crosses the border.",
        "release",
        (("ministry", "/approvals", "Approvals at the ministry"),),
    ),
    Script(
        "handoff",
        "Asked, and answered",
        "The panel stands in the neighbour's networks. The ministry asks its CERT to take it down: four hours to say"
        " that they have it, a day to decide, says clause 15. They accept, report, and the ministry confirms.",
        "hand_over",
        (("neighbour", "/handoffs", "Hand-offs at the neighbour"),),
    ),
    Script(
        "case",
        "A strategy comes back",
        "A reader tells the ministry that a news site shows an invented decree. The operator has written down how it"
        " answers that; the ministry's case takes each step up as a task. What returns is how it went, and nothing of"
        " the case.",
        "work_case",
        (("operator", "/strategies", "The strategy, and how it did"),),
    ),
    Script(
        "shield",
        "A list that blocks",
        "The ministry makes a list for its name servers of what partners warn of. One warning was hasty and names its"
        " own portal: that is left out. Tried on a day of logs it would have blocked one event. A person lets it go.",
        "block",
        (("ministry", "/protect/resolvers", "The shield of the ministry"),),
    ),
    Script(
        "hunt",
        "A week looked through",
        "Rith asks a week of records with a rule that somebody else has published. It finds the loader twice. What he"
        " keeps is a sighting that carries the rule; the records stay where they are.",
        "hunt",
        (("operator", "/hunts", "Hunts at the operator"),),
    ),
    Script(
        "dossier",
        "Sealed, by parcel",
        "A court abroad needs a list of accounts. Bopha seals it on her own machine; her node keeps it and cannot read"
        " it. The line is dead again, so it goes on a stick. Malee alone opens it, and both ledgers of custody say so.",
        "hand_evidence",
        (("neighbour", "/dossiers", "Dossiers at the neighbour, as an administrator sees them"),),
    ),
    Script(
        "rumour",
        "A rumour is answered",
        "It goes round that all news sites are closed. Two persons let the answer out. Whoever forwards it can have it"
        " checked, at the operator too; with one word changed it is none.",
        "answer_rumour",
        (("ministry", "/statements", "What the ministry says to everybody"), ("operator", "/check", "The check")),
    ),
    Script(
        "training",
        "A lesson becomes a training",
        "The case lacked somebody who speaks for the site. The ministry plans a training, with seats for each party."
        " The operator sends three: two have a seat, one waits. The neighbour sees the training, and no name.",
        "train",
        (("operator", "/programmes", "The training at the operator"),),
    ),
    Script(
        "measures",
        "Is it working?",
        "Figures are counted from signed entries and receipts, and stand against the targets of the second version. One"
        " page of them is printed and signed; the neighbour verifies it.",
        "measure",
    ),
    Script(
        "readiness",
        "Where the country stands",
        "What the node has done counts for an index of readiness. It proposes; a person confirms; and everybody can"
        " read one line of signed evidence: a number, and nothing of the cases.",
        "confirm_readiness",
        (("ministry", "/readiness", "Readiness at the ministry"),),
    ),
    Script(
        "proof",
        "Proof without Kouprey",
        "Every party exports its ledger. A verifier of 300 lines that shares no code with Kouprey checks every"
        " signature and hash, and finds the ledgers equal.",
        "prove",
    ),
)
