"""The name plate of response."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="response",
    commands=(
        CommandLine("handoff", "kouprey.response.cli:handoff", "Ask a partner to act, and answer when asked."),
        CommandLine("case", "kouprey.response.cli.cases:case", "What our own party works on."),
        CommandLine("duty", "kouprey.response.cli.duties:duty", "Reports that laws want of us, and their clocks."),
        CommandLine("report", "kouprey.response.cli.reports:report", "What people outside have told us."),
        CommandLine("situation", "kouprey.response.cli.situation:situation", "What goes on across borders now."),
        CommandLine("strategy", "kouprey.response.cli.strategies:strategy", "How incidents of a kind are answered."),
        CommandLine("sealed", "kouprey.response.cli.sealed:sealed", "Files that only named people can open."),
        CommandLine(
            "directory", "kouprey.response.cli.directory:directory", "Teams: who they are, and who is competent."
        ),
        CommandLine("roster", "kouprey.response.cli.roster:roster", "Who of ours answers when."),
        CommandLine("drill", "kouprey.response.cli.roster:drill", "How long partners take to answer, by exercises."),
        CommandLine("ticket", "kouprey.response.cli.tickets:ticket", "Tickets at RTIR that belong to cases."),
        CommandLine("contact", "kouprey.response.cli.contacts:contact", "People who are asked without a node."),
    ),
    migrations="kouprey.response.migrations",
    templates="kouprey.response",
    routes=("kouprey.response.api:routes", "kouprey.response.pages:routes"),
    receives="kouprey.response.service:receives",
    names="kouprey.response.pages.naming:HandOffNaming",
    subjects="kouprey.response.pages.subjects:subjects",
    erases="kouprey.response.service:erases",
    proofs="kouprey.response.service.proven:proofs",
    regains="kouprey.response.service:receives",
    jobs="kouprey.response.pages:jobs",
    pulses="kouprey.response.pages:pulses",
    listeners="kouprey.response.service:listeners",
    places=(
        Place("Situation", "/situation", "eye", "read", 400, "s"),
        Place("Cases", "/cases", "incident", "read", 410, "c"),
        Place("Duties", "/duties", "clock", "read", 430),
        Place("Reports", "/reports", "advisories", "read", 420),
        Place("Hand-offs", "/handoffs", "out", "read", 440),
        Place("Team directory", "/directory", "globe", "read", 460),
        Place("Strategies", "/strategies", "shield", "read", 450),
    ),
)
