"""The name plate of exchange."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="exchange",
    commands=(
        CommandLine(
            "import",
            "kouprey.exchange.cli.importing:import_",
            "Take in STIX files (bundles, envelopes, NDJSON, also .gz, .zst) or tables.",
        ),
        CommandLine("extract", "kouprey.exchange.cli.texts:extract", "Find values in a text, and take them in."),
        CommandLine(
            "validate", "kouprey.exchange.cli.validating:validate", "Judge STIX files by the standard, without a node."
        ),
        CommandLine("export", "kouprey.exchange.cli.exporting:export", "Write intelligence down for other tools."),
        CommandLine("publish", "kouprey.exchange.cli:publish", "Give objects to the parties of an agreement."),
        CommandLine("rule", "kouprey.exchange.cli.publishing:rule", "What is given by itself, as it comes in."),
        CommandLine("source", "kouprey.exchange.cli.rights:source", "How far what a source gave may be passed on."),
        CommandLine("explain", "kouprey.exchange.cli:explain", "Why a party may or may not see an object."),
        CommandLine("sight", "kouprey.exchange.cli:sight", "Say that you have seen something, and tell its author."),
        CommandLine("show", "kouprey.exchange.cli.weighing:show", "Who says what of an object, and what it is worth."),
        CommandLine("note", "kouprey.exchange.cli.weighing:note", "Write a note about an object, and tell its author."),
        CommandLine("opinion", "kouprey.exchange.cli.weighing:opinion", "Agree with an object or not."),
        CommandLine("merge", "kouprey.exchange.cli.weighing:merge", "Take two objects for the same."),
        CommandLine("unmerge", "kouprey.exchange.cli.weighing:unmerge", "Take a merge back."),
        CommandLine("merges", "kouprey.exchange.cli.weighing:merges", "What is taken for the same here."),
        CommandLine("search", "kouprey.exchange.cli.searching:search", "Find objects, or run and keep a saved search."),
        CommandLine(
            "neighbours", "kouprey.exchange.cli.searching:neighbours", "What an object is related with, step by step."
        ),
        CommandLine("lookup", "kouprey.exchange.cli:lookup", "Which values are known here, and how rare they are."),
        CommandLine("erase", "kouprey.exchange.cli.erasing:erase", "Remove an object for good, leaving a tombstone."),
        CommandLine("hold", "kouprey.exchange.cli.erasing:hold", "What must not be erased."),
        CommandLine("retention", "kouprey.exchange.cli.retaining:retention", "How long something is kept."),
        CommandLine("collection", "kouprey.exchange.cli:collection", "Collections that clients read."),
    ),
    checks="kouprey.exchange.service.checks:checks",
    vitals="kouprey.exchange.service.vitals:vitals",
    migrations="kouprey.exchange.migrations",
    templates="kouprey.exchange",
    routes=("kouprey.exchange.api:routes", "kouprey.exchange.pages:routes"),
    pulses="kouprey.exchange.pages:pulses",
    names="kouprey.exchange.pages.ledger:ObjectNaming",
    subjects="kouprey.exchange.pages.subjects:subjects",
    receives="kouprey.exchange.service:receives",
    regains="kouprey.exchange.service:regains",
    erases="kouprey.exchange.service:erases",
    listeners="kouprey.exchange.service:listeners",
    jobs="kouprey.exchange.service:jobs",
    places=(
        Place("Overview", "/", "overview", "read", 10, "o"),
        Place("Intelligence", "/intelligence", "intelligence", "read", 200, "i", ("/graph", "/observables", "/misp")),
        Place("Techniques", "/attack", "matrix", "read", 210),
        Place("Approvals", "/approvals", "check", "release", 230),
        Place("Publishing rules", "/rules", "out", "publish", 240, also=("/rights",)),
        Place("Concerns", "/concerns", "undo", "read", 220),
        Place("Retention", "/retention", "clock", "erase", 250),
    ),
)
