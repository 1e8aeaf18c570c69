"""What a person can do by hand in each chapter of the story, in words; `hands` watches for it."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.node.steps import MINISTRY, NEIGHBOUR, OPERATOR


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
                "As Sophea: read the alert, and press “Tell of it”.",
                MINISTRY,
                "/watch/alerts/<alert>",
                "sighting",
            ),
        ),
        ready="send_log",
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
    "bank": Hands(
        (
            Deed(
                "As Rith: write 192.0.2.0/26 below “What is theirs”, and press “Save the networks”. The story does the"
                " rest.",
                OPERATOR,
                "/constituents/<bank>",
                "bank_networks",
            ),
        ),
        ready="take_in_bank",
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
    "tighten": Hands(
        (
            Deed(
                "As Anan: press “Tighten”, choose TLP:GREEN as “Highest marking”, and press “Tighten at once”.",
                NEIGHBOUR,
                "/agreements/<agreement>",
                "tightening",
            ),
        ),
    ),
    "release": Hands(
        (
            Deed(
                "As Sophea: mark what waits for you, and press “Release those marked”.",
                MINISTRY,
                "/approvals",
                "released",
            ),
        ),
        ready="ask_release",
    ),
    "case": Hands(
        (
            Deed(
                "As Sophea: press “Say how it went” beside the strategy, choose, press “See what leaves”, and then"
                " “Tell it”.",
                MINISTRY,
                "/cases/<case>",
                "outcome_told",
            ),
        ),
        ready="take_up_strategy",
    ),
    "shield": Hands(
        (
            Deed(
                "As Sophea: read what was left out, and press “Release it”.",
                MINISTRY,
                "/protect/resolvers",
                "shielded",
            ),
        ),
        ready="warn_hastily",
    ),
    "hunt": Hands(
        (
            Deed(
                "As Rith: open the rule that found something, and press “Keep the sighting”.",
                OPERATOR,
                "/hunts/<hunt>",
                "hunted",
            ),
        ),
        ready="ask_records",
    ),
    "rumour": Hands(
        (
            Deed(
                "As Sophea: read the answer, and press “Approve these words”. Kunthea approves them too.",
                MINISTRY,
                "/statements/desk/<draft>",
                "approved",
            ),
        ),
        ready="hear_rumour",
    ),
    "training": Hands(
        (
            Deed(
                "As Rith: write three names, one on each line, and press “Nominate”.",
                OPERATOR,
                "/programmes/activities/<activity>",
                "nominated",
            ),
        ),
        ready="announce",
    ),
    "readiness": Hands(
        (
            Deed(
                "As Sophea: press “Confirm” below what the node can prove of a tool to report incidents.",
                MINISTRY,
                "/readiness/ncsi-3",
                "confirmed",
            ),
        ),
    ),
    "measures": Hands(
        (
            Deed(
                "As Sophea: save the report in one of the languages below “On paper, signed”.",
                MINISTRY,
                "/agreements/<agreement>/measures",
                "printed",
            ),
        ),
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
