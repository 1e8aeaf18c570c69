"""Signing in by an OpenID provider: authorization code with PKCE, beside everything else people sign in with.

Who somebody is, the provider says; what they may do, this node. Nobody is taken for somebody else because a name or
an e-mail address is the same: a person is linked by their own act, or made anew when a group allows it.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.seal import keys, openid
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unidentified
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.people import store as rows
from kouprey.people import wire
from kouprey.people.model import Departure, Person, Provider, Role, Session, Way
from kouprey.people.service.passkeys import Passkeys
from kouprey.people.service.provider import ProviderClient, not_accepted
from kouprey.people.store import openid as linked
from kouprey.people.store import passkeys as answered

RETURN = "/sign-in/openid/return"
"""Where a provider sends people back to; it has to be registered there, after the origin of the node."""
_LIFE: Instant = 600 * SECOND
_NEXT_MAX = 500


class _State(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What is sent along and comes back: until when, whom it links ("" = a sign-in), and where to go then."""

    until: Instant
    link: str
    next: str


class SingleSignOn(Passkeys):
    """Signing in by a provider, when the node has one."""

    openid: ProviderClient | None = None

    def use_provider(self, provider: Provider, *, allow_private: bool = False) -> None:
        """From now on people may sign in by this provider; `allow_private`: it may be in a private network."""
        self.openid = ProviderClient(provider, Fetcher(allow_private=allow_private, timeout=10.0), self._clock)

    @property
    def provider_name(self) -> str:
        """What stands on the button; "" for a node without a provider."""
        return self.openid.provider.name if self.openid is not None else ""

    def _is_proven(self, session: Session) -> bool:
        by_provider = session.way is Way.OPENID and self.openid is not None and self.openid.provider.second_factor
        return by_provider or super()._is_proven(session)

    def depart(self, origin: str, *, after: str = "/", session: Session | None = None) -> Departure:
        """Where to send somebody to sign in, or, with their session, to be linked; nothing is stored.

        Forbidden (`not-fresh`) to link from a session that is not fresh. Unreachable while the provider is.
        """
        client = self._client()
        if session is not None:
            self.prove(session, "")
            self.check_may_enrol(session)
        seed = keys.token()[:32]
        link = self._derive(f"link {session.key.hex()}", seed) if session is not None else ""
        state = self._write_state(_State(until=self._clock() + _LIFE, link=link, next=after[:_NEXT_MAX]), seed)
        asked = {
            "response_type": "code",
            "client_id": client.provider.client,
            "redirect_uri": origin + RETURN,
            "scope": "openid profile",
            "state": state,
            "nonce": self._derive("nonce", seed),
            "code_challenge": openid.challenge_of(self._derive("verifier", seed)),
            "code_challenge_method": "S256",
        }
        endpoint = client.metadata().authorization_endpoint
        return Departure(address=f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}", seed=seed)

    def arrive(
        self, query: str, seed: str, origin: str, *, session: Session | None = None, agent: str = ""
    ) -> tuple[str, Person, str]:
        """What the provider sent back: the secret of a new session ("" when it linked), who it is, and where to go.

        `query` of the address, `seed` what the browser kept. Unidentified: `openid-stale` for what is over, used or
        of another browser, `openid-refused` when the provider says no, `openid-bad-token`. Forbidden (`openid-unknown`)
        for somebody nobody here is linked to, and (`inactive-person`). Refused (`openid-linked`).
        """
        client = self._client()
        given = parse_qs(query, max_num_fields=20)
        read = {name: values[0] for name, values in given.items() if len(values) == 1}
        state = self._read_state(read.get("state", ""), seed)
        self._spend(seed, state.until)
        self._check_issuer(client, read)
        if "error" in read or not read.get("code"):
            word = read.get("error", "")
            told = word if word.isascii() and word.replace("_", "").isalnum() else "no code"
            raise Unidentified(
                "The sign-in provider let nobody in.", f"It says: {told[:60]}.", "Try again.", code="openid-refused"
            )
        tokens = client.redeem(read["code"], self._derive("verifier", seed), origin + RETURN)
        claims = client.check(tokens, self._derive("nonce", seed))
        if state.link:
            if session is None or not keys.equal(state.link, self._derive(f"link {session.key.hex()}", seed)):
                raise _stale()
            return "", self._link(session.person, str(claims["sub"])), state.next
        cookie = keys.token()
        return cookie, self._enter(claims, cookie, agent), state.next

    def is_linked(self, person: Person) -> bool:
        """Whether somebody can sign in by the provider."""
        if self.openid is None:
            return False
        with self._store.read() as reader:
            return linked.is_linked(reader, self.openid.provider.issuer, person.id)

    def unlink(self, session: Session) -> None:
        """The provider signs them in no more; Forbidden (`not-fresh`) unless the session is fresh."""
        self.prove(session, "")
        issuer, person = self._client().provider.issuer, session.person

        def work(tx: Tx) -> None:
            if linked.unlink(tx, issuer, person.id):
                detail = {"issuer": issuer}
                now = self._clock()
                audit.append(tx, at=now, actor=person.id, action="openid.unlink", subject=person.id, detail=detail)

        self._store.write(work)

    def leave_address(self, origin: str) -> str:
        """Where to sign out at the provider too, "" when it has no such place or cannot be asked."""
        try:
            client = self._client()
            endpoint = client.metadata().end_session_endpoint
        except KoupreyError:
            return ""
        if not endpoint:
            return ""
        asked = {"client_id": client.provider.client, "post_logout_redirect_uri": f"{origin}/sign-in"}
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def _client(self) -> ProviderClient:
        if self.openid is None:
            raise Refused(
                "This node has no sign-in provider.",
                "`oidc_issuer` is not set.",
                "Sign in by a password, a passkey or a link.",
                code="no-openid",
            )
        return self.openid

    def _check_issuer(self, client: ProviderClient, read: Mapping[str, str]) -> None:
        """RFC 9207: who answers says so, else a code of one provider could be taken to another."""
        wanted = client.metadata().authorization_response_iss_parameter_supported
        if read.get("iss", "" if wanted else client.provider.issuer) != client.provider.issuer:
            raise not_accepted("Another provider answers than the one that was asked.")

    def _link(self, person: Person, subject: str) -> Person:
        issuer = self._client().provider.issuer

        def work(tx: Tx) -> Person:
            held, now = rows.find_person(tx, person.id), self._clock()
            if held is None or not held.active:
                raise _inactive(person)
            if not linked.link(tx, issuer, subject, person.id, now):
                raise Refused(
                    "It cannot be linked.",
                    "This account of the provider is linked to somebody, or you are linked to another of its accounts.",
                    "Unlink the other first, under Your sign-in.",
                    code="openid-linked",
                )
            audit.append(
                tx, at=now, actor=person.id, action="openid.link", subject=person.id, detail={"issuer": issuer}
            )
            return held

        return self._store.write(work)

    def _enter(self, claims: Mapping[str, Any], cookie: str, agent: str) -> Person:
        provider, subject = self._client().provider, str(claims["sub"])

        def work(tx: Tx) -> Person:
            known = linked.find_linked(tx, provider.issuer, subject)
            person = rows.find_person(tx, known) if known else self._create(tx, provider, subject, claims)
            if person is None or not person.active:
                raise _inactive(person)
            self._open_session(tx, cookie, person, Way.OPENID, agent)
            return person

        return self._store.write(work)

    def _create(self, tx: Tx, provider: Provider, subject: str, claims: Mapping[str, Any]) -> Person:
        listed = claims.get(provider.groups, [])
        groups = {each for each in (listed if isinstance(listed, list) else [listed]) if isinstance(each, str)}
        if not provider.create or provider.create not in groups:
            raise Forbidden(
                "Nobody here is linked to that account.",
                "The provider knows you, and this node does not.",
                "Sign in by a link of your administrator, then link the provider under Your sign-in.",
                code="openid-unknown",
            )
        name = str(claims.get("name") or claims.get("preferred_username") or "").strip()
        if not wire.is_name(name) or name.startswith("psn_"):
            raise Forbidden(
                "You cannot be added by yourself.",
                "The provider does not say what you are called.",
                "Ask your administrator for a link.",
                code="openid-unknown",
            )
        if rows.find_person(tx, name) is not None:
            raise Forbidden(
                "Somebody is called that here already.",
                "Whether that is you, a name does not prove.",
                "If it is you, sign in as before and link the provider; else ask your administrator.",
                code="openid-unknown",
            )
        roles = tuple(sorted({role for group, role in provider.roles if group in groups})) or (Role.POLICY,)
        person = Person(id=new_id("psn"), name=name, roles=roles, clearance=provider.clearance)
        self._keep_person(tx, None, person, "node")
        now = self._clock()
        linked.link(tx, provider.issuer, subject, person.id, now)
        detail = {"issuer": provider.issuer, "group": provider.create}
        audit.append(tx, at=now, actor="node", action="openid.create", subject=person.id, detail=detail)
        return person

    def _spend(self, seed: str, until: Instant) -> None:
        """An answer is looked at once, whatever comes of it."""
        mark = keys.token_hash(f"openid {seed}")
        if not self._store.write(lambda tx: answered.answer_challenge(tx, mark, until, self._clock())):
            raise _stale()

    def _derive(self, word: str, seed: str) -> str:
        # 256 bits as hexadecimal digits: within what RFC 7636 section 4.1 allows of a verifier.
        return keys.hmac_sha256(self._keyring.cookie, f"kouprey-openid/1\n{word}\n{seed}".encode()).hex()

    def _write_state(self, state: _State, seed: str) -> str:
        body = urlsafe_b64encode(msgspec.json.encode(state)).decode().rstrip("=")
        return f"{body}.{self._derive(f'state {body}', seed)}"

    def _read_state(self, text: str, seed: str) -> _State:
        body, _, mark = text.partition(".")
        if not seed or not keys.equal(mark, self._derive(f"state {body}", seed)):
            raise _stale()
        state = msgspec.json.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=_State)
        if state.until <= self._clock():
            raise _stale()
        return state


def _stale() -> Unidentified:
    return Unidentified(
        "This sign-in is over.",
        "It took longer than ten minutes, was used already, or was begun in another browser.",
        "Begin again.",
        code="openid-stale",
    )


def _inactive(person: Person | None) -> Forbidden:
    return Forbidden(
        "You may not sign in here.",
        f"{person.name if person is not None else 'The person'} was deactivated on this node.",
        "Ask your administrator.",
        code="inactive-person",
    )
