"""Settings in plain words, in the order in which their page shows them."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.kernel.web.language import mark

GROUPS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("addresses", mark("Addresses"), ("url", "listen", "tls_certificate", "tls_key", "trusted_proxies")),
    ("exchange", mark("Exchange with partners and programs"), ("link_interval", "page_max", "body_max")),
    (
        "sign-in",
        mark("Signing in"),
        (
            "second_factor",
            "oidc_issuer",
            "oidc_name",
            "oidc_client_id",
            "oidc_secret_file",
            "oidc_allow_private",
            "oidc_group_claim",
            "oidc_create_group",
            "oidc_roles",
            "oidc_clearance",
            "oidc_second_factor",
        ),
    ),
    ("log", mark("Log, and stopping"), ("log_level", "log_form", "stop_seconds")),
    ("storage", mark("Storage"), ("database", "guard_database", "story")),
)
"""Key, title and settings of each part of the page."""

TITLES: dict[str, str] = {
    "database": mark("Database"),
    "guard_database": mark("Database of the guard"),
    "listen": mark("Where it listens"),
    "url": mark("Public address"),
    "link_interval": mark("Seconds between two exchanges"),
    "body_max": mark("Largest request"),
    "page_max": mark("Largest answer"),
    "tls_certificate": mark("Certificate"),
    "tls_key": mark("Key of the certificate"),
    "trusted_proxies": mark("Proxies that are believed"),
    "log_level": mark("What is logged"),
    "log_form": mark("Form of the log"),
    "stop_seconds": mark("Patience when stopping"),
    "oidc_issuer": mark("Sign-in provider"),
    "oidc_client_id": mark("Our name at the provider"),
    "oidc_secret_file": mark("File of the client secret"),
    "oidc_name": mark("Name of the provider"),
    "oidc_allow_private": mark("Provider in a private network"),
    "oidc_group_claim": mark("Claim with the groups"),
    "oidc_create_group": mark("Group whose members are let in"),
    "oidc_roles": mark("Roles by group"),
    "oidc_clearance": mark("Clearance of those let in so"),
    "oidc_second_factor": mark("The provider asks for a second factor"),
    "second_factor": mark("Roles that need a second factor"),
    "story": mark("Chapters of the demonstration"),
}
"""Setting -> what people call it."""

SAID: dict[str, str] = {
    "database": mark("Empty: a SQLite file beside the settings. Else the address of a PostgreSQL database."),
    "guard_database": mark("Where the guard against rolled-back data is kept; never part of a backup."),
    "listen": mark("The address and port on this machine."),
    "url": mark("What people and partners type. Sign-in and forms are held to it."),
    "link_interval": mark("How long a link waits when a partner has said nothing new."),
    "body_max": mark("Bytes a program may send at once."),
    "page_max": mark("Objects in one answer to a program."),
    "tls_certificate": mark("A file; it is read anew by itself when it changes."),
    "tls_key": mark("Only when it is not in the same file."),
    "trusted_proxies": mark("Who may say from which address somebody really comes."),
    "log_level": mark("Each request, what needs a look, or what failed."),
    "log_form": mark("Lines for machines, or for people."),
    "stop_seconds": mark("How many seconds running requests get to end."),
    "oidc_issuer": mark("Where people of your organisation sign in already (OpenID Connect); empty for none."),
    "oidc_client_id": mark("As the provider knows this node."),
    "oidc_secret_file": mark("The secret itself is never shown."),
    "oidc_name": mark("Stands on the button of the sign-in page."),
    "oidc_allow_private": mark("It may be reached without TLS, or inside your network."),
    "oidc_group_claim": mark("Where the provider lists somebody's groups."),
    "oidc_create_group": mark("Whoever is in it and not known here becomes a person; empty for nobody."),
    "oidc_roles": mark("What they become; without any they only read."),
    "oidc_clearance": mark("The highest level they see."),
    "oidc_second_factor": mark("Then it is not asked for here again."),
    "second_factor": mark("People with one of these roles must show an authenticator app or a passkey."),
    "story": mark("For demonstrations only."),
}
"""Setting -> what it means, in plain words."""

LEVELS = {
    "info": mark("each request"),
    "warning": mark("what needs a look"),
    "error": mark("only what failed"),
}
