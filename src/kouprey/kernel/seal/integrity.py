"""Proofs inside JSON documents: W3C Data Integrity with `eddsa-jcs-2022`, and the did:key names of Ed25519 keys.

The document and the options of its proof are each brought into canonical JSON (RFC 8785) and hashed (SHA-256); what is
signed is the hash of the options followed by that of the document (vc-di-eddsa 1.0, section 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from kouprey.kernel.seal.keys import ALG_NOTE, SigningKey, VerifyKey
from kouprey.kernel.words.errors import Damaged

SUITE = "eddsa-jcs-2022"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"
"""The multicodec prefix of an Ed25519 public key."""
_LONGEST = 200


def base58(data: bytes) -> str:
    """Base58 in Bitcoin's alphabet, as multibase `z` means it."""
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        out = _ALPHABET[rest] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def parse_base58(text: str) -> bytes:
    """What `base58` wrote; ValueError for anything else."""
    if len(text) > _LONGEST:
        raise ValueError("too long")
    number = 0
    for letter in text:
        number = number * 58 + _ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(public: bytes) -> str:
    """A public key as Multikey documents write it: `z6Mk…`."""
    return "z" + base58(_ED25519 + public)


def parse_multikey(text: str) -> bytes:
    """The 32 bytes of an Ed25519 key; Damaged (`bad-key`) for anything else, and for keys that prove nothing."""
    try:
        raw = parse_base58(text[1:]) if text[:1] == "z" else b""
    except ValueError:
        raw = b""
    if raw[:2] != _ED25519:
        raise Damaged("The public key cannot be used.", "It is not an Ed25519 key written as z6Mk….", code="bad-key")
    # Refuses the points under which one signature fits many messages.
    return VerifyKey("key", ALG_NOTE, raw[2:]).public


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785); Damaged for what has none, such as integers beyond a double."""
    # Imported late: most commands never sign a document.
    import rfc8785

    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise Damaged("This has no canonical form.", str(error), code="not-canonical") from error


def sign_document(
    document: Mapping[str, Any], key: SigningKey, *, method: str, created: str, purpose: str = "assertionMethod"
) -> dict[str, Any]:
    """The document with its proof; `method` names the key (a DID URL), `created` is RFC 3339 in whole seconds."""
    proof: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": purpose,
    }
    if "@context" in document:
        proof["@context"] = document["@context"]
    bare = {name: value for name, value in document.items() if name != "proof"}
    return {**bare, "proof": {**proof, "proofValue": "z" + base58(key.sign(_signed(bare, proof)))}}


def verify_document(document: Mapping[str, Any], public: bytes) -> bool:
    """Whether the proof in a document is that of this key over exactly this document."""
    proof = document.get("proof")
    if not isinstance(proof, Mapping) or not isinstance(proof.get("proofValue"), str):
        return False
    if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", SUITE):
        return False
    if proof.get("proofPurpose") != "assertionMethod" or not _begins_alike(document, proof):
        return False
    value = proof["proofValue"]
    try:
        signature = parse_base58(value[1:]) if value[:1] == "z" else b""
    except ValueError:
        return False
    bare = {name: each for name, each in document.items() if name != "proof"}
    options = {name: each for name, each in proof.items() if name != "proofValue"}
    return VerifyKey("key", ALG_NOTE, public).verify(_signed(bare, options), signature)


def _signed(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    return sha256(canonical(options)).digest() + sha256(canonical(document)).digest()


def _begins_alike(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bool:
    """The contexts of a proof begin those of its document (section 3.3.2, step 4)."""
    mine, its = proof.get("@context"), document.get("@context")
    if mine is None:
        return True
    if not isinstance(mine, list) or not isinstance(its, list):
        return bool(mine == its)
    return its[: len(mine)] == mine
