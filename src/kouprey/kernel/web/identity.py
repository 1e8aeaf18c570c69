"""Who is asking: what a door knows about the person or token behind a request."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.look import Look

ACTING_FOR = "X-Acting-For"
"""The header by which a program names the party it acts for, when that is not its own."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A person signed in by a session, or a token.

    `name` is for display and the audit; `reader` decides what is seen; `roles` which doors open. `csrf` is the token
    of the session (`Sessions.csrf`), "" for tokens, which therefore cannot use the forms of pages. `look` is what the
    person chose. `scope` are the collections (names or ids) a token is bound to, () for
    everything its reader may see; only doors that declare `scoped` let a bound token in. `unproven`: their role needs a
    second factor that this session was opened without; only doors that declare `unproven` let them in, to set one up.
    """

    name: str
    reader: Reader
    roles: tuple[str, ...] = ()
    csrf: str = ""
    look: Look = Look()
    scope: tuple[str, ...] = ()
    unproven: bool = False
