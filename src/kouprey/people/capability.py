"""The name plate of people."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="people",
    commands=(
        CommandLine("party", "kouprey.people.cli:party", "Exchange cards: who we are, and whom we trust."),
        CommandLine("person", "kouprey.people.cli:person", "People of our own party and their sign-in links."),
        CommandLine("token", "kouprey.people.cli:token", "Credentials of programs."),
        CommandLine("delegation", "kouprey.people.cli:delegation", "Tokens that act for a party not their own."),
    ),
    migrations="kouprey.people.migrations",
    templates="kouprey.people",
    routes=("kouprey.people.api:routes", "kouprey.people.pages:routes"),
    places=(Place("People", "/people", "person", "people", 700, "h"),),
)
