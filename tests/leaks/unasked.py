"""What works without being asked by anybody, and why it says nothing: jobs and listeners."""

from __future__ import annotations

from collections.abc import Mapping

_ENTRANCE = "It takes in by the one entrance, or deletes what was; the texts it leaves name parties and counts alone."

JOBS: Mapping[str, str] = {
    **dict.fromkeys(
        ("watch.arm", "watch.recall", "watch.tidy"),
        "It matches or removes what sensors of ours saw; alerts are shown to who sees their indicator.",
    ),
    "watch.tell": "It makes sightings under the label of their indicator, as a person does: tests/watch/service.",
    "protect.renew": "It reads as its shields may, and shows nothing: who sees those is asked of their pages.",
    "protect.tidy": "It removes files that nothing names any more.",
    "hunt.turn": "It asks events that people of ours have handed in, and tells nobody.",
    "agreements.recheck": "It decides again; nothing is shown.",
    **dict.fromkeys(("federation.ahead", "federation.spool", "federation.spool-tidy"), _ENTRANCE),
    "federation.spool-ready": "It seals, by the serve gate, what waits for a partner to that partner.",
    "federation.erase": "It erases what partners ask for; nothing is shown.",
    "capacity.seats": "It offers free seats to people of the party that nominated them: tests/capacity/service.",
    "capacity.register": "It gives partners keys and a list of bits; nobody is named in them.",
    "federation.files": "It hashes parts of files again; nothing is shown.",
    "federation.anchors": "It fixes checkpoints that every reader of the lane may have; no intelligence is in them.",
    "federation.anchored": "It compares checkpoints; nothing of what they sign is shown.",
    **dict.fromkeys(
        ("response.folder", "response.mailbox", "response.answers"),
        "It takes in what strangers tell, or sends an answer with a number and nothing of the case: tests/response.",
    ),
    **dict.fromkeys(("federation.history", "response.clocks"), "It forgets or notes figures; nothing is shown."),
    "response.preserved": "It lifts holds that the node has set, and notes half of a time; nothing is shown.",
    "response.bases": "It notes that a basis is owed, for those who see the hand-off; nothing is shown.",
    "response.tickets": "It tells the RTIR of the settings what the marking of a case lets out: test_tickets.",
    "advisories.sending": "It gives what everybody may read, by the one gate; nothing of others is in it.",
    "response.directory": "It sends our own profile by the one gate; nothing of others is in it.",
    "response.drills": "It measures and ends exercises, which hold nothing but their own text; nothing is shown.",
    "response.duties": "It writes into a case how far its clocks are; who sees the case and reads the track reads it.",
    "performance.sum": "It sums up entries under their labels; who reads the sums sees those of his labels alone.",
    **dict.fromkeys(
        ("proceedings.sign", "proceedings.remind", "proceedings.retain", "proceedings.unkept"),
        "It writes into ledgers of dossiers, which those who belong to them read; nothing is shown.",
    ),
    "response.hook": "It tells one address of the node how many notices wait, and nothing of what they are about.",
    "response.notices": "It mails how much waits for a person, counted with their eyes, and nothing of what waits.",
    "exchange.reads": "It writes to the audit who read how much; nothing of what was read is shown.",
    "exchange.renew": "It derives anew from bodies; nothing is shown.",
    "exchange.act": "It goes on with what people began, as they; what came of it is shown to them alone.",
    "exchange.publish": "It gives by the one gate, as who made the rule; what came of it is shown by what one sees.",
    "exchange.retain": "It erases by rules that people cleared for everything made; nothing is shown.",
    "taxii.pull": "It takes in what other servers give; nothing is shown.",
    "constituents.queue": "It begins digests; nothing is shown.",
    "constituents.post": "It writes mail with the eyes of its reader; test_no_mail_bears_what_its_reader_may_not_see.",
    "exchange.scrub": "It overwrites what was erased; nothing is shown.",
    "node.settings": "It reads the settings file; nothing is shown.",
    "taxii.clients": "It writes down how much clients asked and were sent; nothing of what it was is shown.",
    "taxii.client-days": "It forgets old sums; nothing is shown.",
    "taxii statuses": "It forgets statuses; nothing is shown.",
}
"""Each job -> what it could show. All are run with the log read."""

LISTENERS: Mapping[str, str] = {
    "agreements.reader-widened": "It decides again for a reader; nothing is shown.",
    "exchange.widened": "It moves what was opened to somebody; nothing is shown.",
    **dict.fromkeys(
        (f"response.notices.{each}" for each in ("case", "clock", "handoff", "word")),
        "It notes for whom something waits; who reads the notice is asked anew for what they may see.",
    ),
    "misp.version-erased": "It erases the originals of what was erased; nothing is shown.",
    "federation.note-made": "It queues signed notes for the parties they name.",
    "federation.party-trusted": "It queues our card for a party.",
    "federation.agreement-changed": "It wakes lanes and links, which ask the one decision themselves.",
}
"""Each listener -> what it could show. All have heard their facts when a world is built, with the log read."""
