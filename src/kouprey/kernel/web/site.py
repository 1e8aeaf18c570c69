"""What all pages of a node share: its name, its addresses, its navigation, and who may be asking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event

from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.language import Language, choose, load_languages
from kouprey.kernel.web.once import Once
from kouprey.kernel.web.render import Pages
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Sessions, Sign
from kouprey.kernel.web.static import StaticFiles, static_files
from kouprey.kernel.words.look import Look

FRAME = "kouprey.kernel.web"


@dataclass(frozen=True)
class NavItem:
    """One place of the navigation: `title` is marked for translation, `icon` a symbol of `static/icons.svg`.

    Shown to identities with one of `roles`; an empty tuple shows it to everybody signed in. `section` groups items.
    `key` is the letter that leads there after `g`; pages below the paths of `also` belong to the place, too.
    """

    path: str
    title: str
    icon: str
    roles: tuple[str, ...] = ()
    section: str = ""
    key: str = ""
    also: tuple[str, ...] = ()

    def shown_to(self, identity: Identity | None) -> bool:
        """Whether the item helps this identity; doors decide anew."""
        return identity is not None and (not self.roles or bool(set(self.roles) & set(identity.roles)))


def nobody(request: Request) -> Identity | None:
    """Authenticates no one."""
    return None


@dataclass(frozen=True, kw_only=True)
class Site:
    """The web face of one node.

    `origins`: scheme://host[:port], the public one first; requests for other hosts are refused. `sign`: a keyed hash
    of this node. `authenticate`: session cookie or Authorization header -> Identity; runs in a thread, may read.
    `templates`: packages of capabilities that bring `templates/` and `locale/`. `note`: a word beside the party's name
    ("demonstration"), "" for none. `once`: keeps answers under idempotency keys; without it a key is refused.
    `banner` gives what stands above every page, "" for nothing; `bell` how many notices wait for whoever looks.
    `live`: the address of the stream of live parts, "" when they are only asked again and again. `hosted`:
    where constituents begin. `keep_look`: keeps
    what a person who is signed in chose of a `Look`. `stopping` is set when the node stops, for answers that would
    never end.
    """

    node_id: str
    party: str
    party_name: str
    version: str
    origins: tuple[str, ...]
    sign: Sign
    authenticate: Callable[[Request], Identity | None] = nobody
    nav: tuple[NavItem, ...] = ()
    templates: tuple[str, ...] = ()
    sign_in: str = "/sign-in"
    sign_out: str = "/sign-out"
    own: str = "/me"
    search: str = ""
    note: str = ""
    banner: Callable[[Request], str] | None = None
    bell: Callable[[Request], int] | None = None
    once: Once | None = None
    live: str = ""
    hosted: str = ""
    keep_look: Callable[[Request, Look], None] | None = None
    stopping: Event = field(default_factory=Event)

    def rename(self, party_name: str) -> None:
        """The party is called otherwise from now on; nothing else of a site ever changes."""
        object.__setattr__(self, "party_name", party_name)

    @cached_property
    def sessions(self) -> Sessions:
        """Cookies and form tokens."""
        return Sessions(self.node_id, self.sign, secure=self.origins[0].startswith("https:"))

    @cached_property
    def languages(self) -> dict[str, Language]:
        """Every language with its messages."""
        return load_languages((FRAME, *self.templates))

    @cached_property
    def static(self) -> StaticFiles:
        """Style, script, symbols and fonts."""
        return static_files()

    @cached_property
    def pages(self) -> Pages:
        """Templates to pages."""
        return Pages(self, self.templates)

    def choose_language(self, wishes: Sequence[str], accept: str) -> str:
        """The code of the language to answer in."""
        return choose(wishes, accept)
