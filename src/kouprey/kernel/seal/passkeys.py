"""Passkeys: what a browser is asked, and the checks of what its authenticator answers (W3C WebAuthn, level 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kouprey.kernel.words.errors import Unidentified


class Place(NamedTuple):
    """Where passkeys hold: the host that names them, what people read beside it, and the origins they are used at."""

    host: str
    name: str
    origins: tuple[str, ...]


class Passkey(NamedTuple):
    """What is kept of one: its id, its public key (COSE), and how often it said it was used."""

    id: bytes
    public: bytes
    uses: int


def ask_for_new(place: Place, challenge: bytes, person: bytes, name: str, known: Sequence[bytes]) -> str:
    """What the browser is told to make one, as JSON; `known` are those the person has already."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=place.name,
        user_name=name,
        user_id=person,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            # Found without a name, and unlocked by the person: then it stands for name, password and code at once.
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return webauthn.options_to_json(options)


def ask_for_proof(place: Place, challenge: bytes) -> str:
    """What the browser is told to sign in by any passkey of this place, as JSON."""
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=place.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def check_new(place: Place, challenge: bytes, answer: str) -> Passkey:
    """The passkey that was made; Unidentified (`bad-passkey`) unless it was for this challenge, here, unlocked."""
    import webauthn

    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=list(place.origins),
            require_user_verification=True,
        )
    except Exception as error:  # The library raises many kinds for what a browser may send.
        raise _bad(error) from None
    return Passkey(made.credential_id, made.credential_public_key, made.sign_count)


def read_claim(answer: str) -> tuple[bytes, bytes]:
    """(id of the passkey, challenge) that an answer claims; nothing of it is proven."""
    import webauthn.helpers as helpers

    try:
        claimed = helpers.parse_authentication_credential_json(answer)
        said = helpers.parse_client_data_json(claimed.response.client_data_json)
    except Exception as error:
        raise _bad(error) from None
    return claimed.raw_id, said.challenge


def read_new_challenge(answer: str) -> bytes:
    """The challenge that an answer to `ask_for_new` claims; nothing of it is proven."""
    import webauthn.helpers as helpers

    try:
        claimed = helpers.parse_registration_credential_json(answer)
        return helpers.parse_client_data_json(claimed.response.client_data_json).challenge
    except Exception as error:
        raise _bad(error) from None


def check_proof(place: Place, challenge: bytes, passkey: Passkey, answer: str) -> int:
    """How often the passkey was used; Unidentified unless it signed this challenge, here, unlocked, and is no copy."""
    import webauthn

    try:
        proven = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=list(place.origins),
            credential_public_key=passkey.public,
            credential_current_sign_count=passkey.uses,
            require_user_verification=True,
        )
    except Exception as error:
        raise _bad(error) from None
    return proven.new_sign_count


def _bad(error: Exception) -> Unidentified:
    return Unidentified(
        "The passkey was not accepted.",
        f"Its answer does not hold here ({type(error).__name__}).",
        "Try again, or sign in by a password or a link.",
        code="bad-passkey",
    )
