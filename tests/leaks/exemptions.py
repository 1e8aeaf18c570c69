"""What the leak test does not ask, or lets differ, each with its reason: everybody reads them in the reference."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.rooms import with_rooms

_SELF = "It changes what the asker alone has: keys, passwords and sessions of one's own, no intelligence is read."
_DEED = "It lets people and programs in; it reads none of the things, and whoever may open it knows every person."
_AGREE = "It acts on an agreement or a card, which no label covers: its page (GET) is probed."
_HOST = "It changes whom the node hosts and how; what they see of the things is shown by the page of one (GET)."
_WIRE = "It speaks with a partner over the network; what its page shows of that is probed (GET)."
_TAKES = "It takes in what the asker brings and tells of that alone; what is kept of it is probed by TAXII's POST."
_COLLECT = "It makes or changes a collection and reads none of the things: the page of one (GET) is probed."
_KEEP = "It changes a setting, our own card or the list of first steps; it reads none of the things."
_FILES = (
    "It takes in a file that the asker brings, or erases one; who sees which: tests/federation/pages/test_files.py."
)
_DOCTOR = "It answers only those cleared for everything, about all of the database; tests/node/test_governing.py."

_TELLS = "It takes in what a stranger tells and shows none of it; the number and one word: tests/response/pages."
_FORM = "The form bears a random name for what is told, so that pressing twice is one report; it shows nothing held."

TWINS = "It calls the same verb as the form of its page, which is asked, and tells what becomes of it by its errors."
"""Why the deeds of the REST interface are not asked once more."""

UNASKED: Mapping[str, str] = with_rooms(
    "UNASKED",
    {
        "GET /api/v1/stream": "It does not end by itself; tests/exchange/api/test_leaks.py follows it for several.",
        "GET /live": "It does not end by itself; tests/exchange/api/test_leaks.py listens to it as several readers.",
        "POST /api/v1/cards/reading": _AGREE,
        "POST /api/v1/partners/{party}/call": _WIRE,
        "POST /api/v1/partners/{party}/parcel": _WIRE,
        **dict.fromkeys(
            (
                "POST /me/passkeys",
                "POST /me/passkeys/{passkey}/forget",
                "POST /me/password",
                "POST /me/sign-out-elsewhere",
                "POST /me/authenticator",
                "POST /me/authenticator/confirm",
                "POST /me/authenticator/off",
                "POST /sign-out",
            ),
            _SELF,
        ),
        **dict.fromkeys(
            (
                "POST /people",
                "POST /people/delegations",
                "POST /people/delegations/{delegation}/confirm",
                "POST /people/delegations/{delegation}/revoke",
                "POST /people/tokens",
                "POST /people/tokens/{user}",
                "POST /people/tokens/{user}/secret",
                "POST /people/tokens/{user}/active",
                "POST /people/{person}",
                "POST /people/{person}/link",
                "POST /people/{person}/active",
                "POST /sign-in/{secret}",
            ),
            _DEED,
        ),
        **dict.fromkeys(("POST /files", "POST /files/{file}/erase", "POST /link/v1/{tag}/chunks"), _FILES),
        **dict.fromkeys(("POST /api/v1/files", "DELETE /api/v1/files/{file}"), TWINS),
        **dict.fromkeys(
            (
                "POST /constituents",
                "POST /constituents/table",
                "POST /constituents/{constituent}",
                "POST /constituents/{constituent}/archive",
                "POST /constituents/{constituent}/networks",
                "POST /constituents/{constituent}/contacts",
                "POST /constituents/{constituent}/contacts/{contact}/remove",
                "POST /constituents/{constituent}/contacts/{contact}/test",
                "POST /constituents/{constituent}/letters",
                "POST /constituents/{constituent}/write",
                "POST /constituents/{constituent}/people",
                "POST /constituents/{constituent}/people/{person}/active",
                "POST /constituents/{constituent}/tokens",
                "POST /constituents/{constituent}/tokens/{user}/active",
                "POST /constituents/{constituent}/wishes/{wish}",
                "POST /yours/own",
            ),
            _HOST,
        ),
        **dict.fromkeys(
            (
                "POST /collections",
                "POST /collections/{collection}",
                "POST /collections/{collection}/archive",
                "POST /collections/{collection}/restore",
            ),
            _COLLECT,
        ),
        **dict.fromkeys(
            ("POST /settings", "POST /setup/party", "POST /setup/step", "POST /setup/away", "POST /setup/sample"), _KEEP
        ),
        **dict.fromkeys(("POST /settings/node", "POST /api/v1/node/examination"), _DOCTOR),
        **dict.fromkeys(
            (
                "POST /agreements/new",
                "POST /agreements/{agreement}/sign",
                "POST /agreements/{agreement}/suspend",
                "POST /agreements/{agreement}/resume",
                "POST /agreements/{agreement}/discard",
                "POST /agreements/{agreement}/tighten",
                "POST /agreements/{agreement}/leave",
                "POST /agreements/{agreement}/comment",
                "POST /agreements/officers",
                "POST /partners/trust",
                "POST /partners/trust/confirmed",
            ),
            _AGREE,
        ),
        **dict.fromkeys(
            (
                "POST /partners/parcels",
                "POST /partners/{party}/members",
                "POST /partners/{party}/members/remove",
                "POST /partners/{party}/link",
                "POST /partners/{party}/pause",
                "POST /partners/{party}/resume",
                "POST /partners/{party}/now",
                "POST /partners/{party}/test",
                "POST /partners/{party}/parcel",
                "POST /link/v1/hint",
                "POST /link/v1/notes",
                "POST /link/v1/parcel",
                "POST /link/v1/{tag}/receipt",
                "POST /link/v1/{tag}/evidence",
            ),
            _WIRE,
        ),
        **dict.fromkeys(
            (
                "POST /intelligence/import",
                "POST /intelligence/imports/{import}/cancel",
                "POST /intelligence/text",
                "POST /intelligence/text/save",
                "POST /intelligence/table",
                "POST /intelligence/table/save",
                "POST /misp/import",
            ),
            _TAKES,
        ),
        **dict.fromkeys(("POST /report", "POST /report/{secret}"), _TELLS),
        "GET /static/{name:path}": "Files of the program, the same on every node.",
    },
)
"""Method and path of a door that is not asked -> why not."""

_LEDGER = (
    "Lanes, and what is made of them, count every entry whatever its level: the ledger proves how much was given. What"
    " an entry is called, and all else of it, follows the label."
)
_CLIENTS = (
    "Those who hold the role are told which client asks and what it was refused; how much it was sent, only if cleared"
    " for RED."
)
_FIGURES = "Figures of the process and of its database, for administrators."
_SALTED = "Entries bear random salts, so that even the same entry has another hash in the twin."

_ASKED = "A request is named by the hash of what was signed, with a salt: what is asked has another name in the twin."

_PAPER = (
    "It is made anew with the time of day and signed, for those alone who may see everything; the figures on it are"
    " those of the page, which is asked, and small counts are left out: tests/performance/test_service.py."
)

DIFFERS: Mapping[str, str] = with_rooms(
    "DIFFERS",
    {
        "GET /agreements/{agreement}/measures.zip": _PAPER,
        "GET /processing.pdf": _PAPER,
        "GET /api/v1/processing/paper": _PAPER,
        "GET /api/v1/processing": _PAPER,
        "GET /api/v1/agreements/{agreement}/measures/paper": _PAPER,
        "GET /api/v1/ledger/given": _LEDGER,
        "GET /api/v1/ledger/received": _LEDGER,
        "GET /api/v1/ledger/lanes": _LEDGER,
        "GET /api/v1/ledger/lanes/{tag}": _LEDGER,
        "GET /api/v1/ledger/export": _SALTED,
        "GET /api/v1/audit": "As its page: who did what is told, to what only if cleared for RED.",
        "GET /api/v1/partners": _LEDGER,
        "GET /api/v1/partners/{party}": _LEDGER,
        "GET /api/v1/partners/{party}/history": _LEDGER,
        "GET /report": _FORM,
        "GET /design": "Shows the components with times of the wall clock, and nothing the node holds.",
        "GET /ledger": _LEDGER,
        "GET /ledger/{tag}": _LEDGER,
        "GET /ledger/export": _SALTED,
        **dict.fromkeys(
            (f"GET /partners{e}" for e in ("", "/live", "/{party}", "/parcels", "/{party}/parcel")), _LEDGER
        ),
        "GET /agreements/{agreement}": _LEDGER,
        **dict.fromkeys((f"GET {e}/handoffs{f}" for e in ("", "/api/v1") for f in ("", "/{handoff}")), _ASKED),
        **dict.fromkeys((f"GET {e}/handoffs/{{handoff}}/paper{f}" for e, f in (("", ".pdf"), ("/api/v1", ""))), _ASKED),
        "GET /link/v1/{tag}/checkpoint": _SALTED,
        "GET /link/v1/{tag}/headers": _SALTED,
        "GET /link/v1/held": _SALTED,
        "GET /link/v1/heads": _SALTED,
        "GET /link/v1/papers": "Cards and notes of agreements are signed at the time of day, without intelligence.",
        "GET /ledger/{tag}/{number}/proof": _SALTED,
        "GET /api/v1/ledger/lanes/{tag}/entries/{number}/proof": _SALTED,
        "GET /api/v1/ledger/lanes/{tag}/evidence": _LEDGER,
        "GET /partners/{party}/evidence/{tag}": _LEDGER,
        "POST /link/v1/{tag}/bodies": _SALTED,
        "GET /clients": _CLIENTS,
        "GET /clients/{user}": _CLIENTS,
        "GET /api/v1/clients": _CLIENTS,
        "GET /api/v1/clients/{user}": _CLIENTS,
        "GET /settings/node": _FIGURES,
        "GET /api/v1/node": _FIGURES,
        "GET /audit": "Those who hold the role are told of each deed, by whom, when; to what only if cleared for RED.",
        "GET /metrics": "Figures of the process, and how much is held, for those who operate the node.",
    },
)
"""Method and path of a door whose answer may differ from the twin's -> why. Canaries are looked for in it even so."""

_DEEDS = "Whoever is cleared for everything and holds the role is told of deeds on what is under an embargo too."

TELLS: Mapping[str, tuple[str, str]] = with_rooms(
    "TELLS",
    {
        "GET /audit": ("its embargo is not over", _DEEDS),
        "GET /audit/export": ("its embargo is not over", _DEEDS),
        "GET /api/v1/audit": ("its embargo is not over", _DEEDS),
        "GET /api/v1/audit/export": ("its embargo is not over", _DEEDS),
    },
)
"""Method and path of a door -> for which reason of hiding something its canaries may stand there, and why."""

ROADS: Mapping[str, str] = with_rooms(
    "ROADS",
    {
        "source": "The road to hits of a source is chosen by how many anybody has; what is found is the same.",
        "findings": "The road to hits with findings is chosen by how many there are for anybody, up to a bound.",
    },
)
"""A parameter with which statements may differ from the twin's -> why. Answers may not."""


_OPERATOR = (
    "Whoever reads the data directory is the operator, who sees everything: nothing is hidden from this command."
)

COMMANDS: Mapping[str, str] = with_rooms(
    "COMMANDS",
    {
        **dict.fromkeys(
            (
                "init",
                "serve",
                "backup",
                "constituent add",
                "constituent archive",
                "constituent change",
                "constituent contact",
                "constituent import",
                "constituent invite",
                "constituent list",
                "constituent networks",
                "constituent restore",
                "constituent token",
                "constituent write",
                "doctor",
                *(f"handoff {verb}" for verb in ("ask", "list", "print", "reroute", "say", "show")),
                *(f"case {verb}" for verb in ("adopt", "done", "evidence", "fetch", "list", "merge", "open", "phase")),
                *(f"case {verb}" for verb in ("report", "show", "stix", "take", "unmerge", "write")),
                *(f"situation {verb}" for verb in ("partners", "print", "show")),
                *(f"strategy {verb}" for verb in ("keep", "list", "outcome", "outcomes", "show", "write")),
                *(f"sealed {verb}" for verb in ("fetch", "key", "list", "make", "open", "release")),
                *(
                    f"directory {verb}"
                    for verb in ("competent", "decide", "list", "own", "proposals", "publish", "show")
                ),
                *(f"drill {verb}" for verb in ("acknowledge", "asked", "list", "monthly", "send")),
                *(f"roster {verb}" for verb in ("add", "list", "withdraw")),
                *(
                    f"duty {verb}"
                    for verb in ("answer", "list", "quarter", "regimes", "resume", "send", "show", "start")
                ),
                *(f"duty {verb}" for verb in ("stop", "text", "write")),
                *(
                    f"report {verb}"
                    for verb in ("abandon", "answers", "case", "fetch", "list", "resume", "sent", "show")
                ),
                "report take",
                *(f"contact {verb}" for verb in ("add", "ask", "heard", "link", "list")),
                "restore",
                "upgrade",
                "service print",
                "demo",
                "party card",
                "party trust",
                "party list",
                "party words",
                "person invite",
                "audit export",
                "audit list",
                "audit verify",
                "person link",
                "person links",
                "person resend",
                "person reset-factor",
                "person revoke-link",
                "person list",
                "person deactivate",
                "person activate",
                "delegation confirm",
                "delegation list",
                "delegation record",
                "delegation revoke",
                "party add-member",
                "party members",
                "party remove-member",
                "token create",
                "token change",
                "token rotate",
                "token list",
                "token revoke",
                "agreement draft",
                "agreement propose",
                "agreement sign",
                "agreement show",
                "agreement list",
                "agreement suspend",
                "agreement resume",
                "agreement discard",
                "agreement tighten",
                "agreement comment",
                "agreement decline",
                "agreement comments",
                "agreement changes",
                "agreement leave",
                "agreement officers",
                *(f"keys {each}" for each in ("finish", "list", "revoke", "rotate")),
                *(f"link {each}" for each in ("add", "test", "pause", "resume", "list", "sync", "status")),
                *(f"parcel {each}" for each in ("make", "read", "spool", "wants")),
                *(f"file {each}" for each in ("give", "list", "save", "erase")),
                *(f"ledger {each}" for each in ("show", "erasures", "evidence", "prove", "export")),
                "import",
                "extract",
                "validate",
                "publish",
                "sight",
                "show",
                "note",
                "opinion",
                "merge",
                "unmerge",
                "merges",
                "search",
                "neighbours",
                "lookup",
                "erase",
                "hold add",
                "hold list",
                "hold lift",
                "collection create",
                "collection list",
                "misp import",
                "misp original",
                "pull",
                "retention add",
                "retention change",
                "retention confirm",
                "retention list",
                "retention pause",
                "measures print",
                "measures show",
                "measures verify",
                "processing impact",
                "processing print",
                "processing show",
                "retention preview",
                "retention remove",
                "retention resume",
                "retention run",
                *(f"source {each}" for each in ("allow", "list")),
                *(f"rule {each}" for each in ("add", "end", "list", "pause", "show", "start", "try", "undo")),
                *(f"taxii {each}" for each in ("discover", "list", "pause", "remove", "resume", "show")),
            ),
            _OPERATOR,
        ),
        "export": "",
        "explain": "It answers the operator about a party, and the party gets nothing of it.",
    },
)
"""Each command -> why it is not asked; "" for one that reads with the eyes of another party, which is asked."""
