"""Keys read and write the C2SP form exactly, and refuse every other."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal import keys
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, SigningKey, VerifyKey
from kouprey.kernel.words.errors import Damaged

EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
"""The verifier key printed in C2SP signed-note."""

SEED = bytes(range(32))


def test_the_key_printed_in_the_standard() -> None:
    key = VerifyKey.parse(EXAMPLE)
    assert (key.name, key.alg, key.hash.hex()) == ("example.com/foo", ALG_NOTE, "530d903a")
    assert key.vkey == EXAMPLE


def test_rfc_8032_first_test_vector() -> None:
    key = SigningKey.from_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = key.sign(b"")
    assert signature.hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
    assert key.verify_key("a.example").verify(b"", signature)


@pytest.mark.parametrize("alg", [ALG_NOTE, ALG_COSIGNATURE])
def test_a_key_survives_its_text_and_its_bytes(alg: int) -> None:
    key = SigningKey.generate()
    again = SigningKey.from_bytes(key.to_bytes())
    public = VerifyKey.parse(key.vkey("cert.example/node", alg))
    assert public == again.verify_key("cert.example/node", alg)
    assert public.verify(b"data", again.sign(b"data"))
    assert not public.verify(b"Data", again.sign(b"data"))
    assert not public.verify(b"data", again.sign(b"data")[:-1])
    assert not public.verify(b"data", SigningKey.generate().sign(b"data"))


def test_one_key_has_another_hash_for_each_name_and_type() -> None:
    key = SigningKey.from_bytes(SEED)
    hashes = {key.verify_key(name, alg).hash for name in ("a.example", "b.example") for alg in (1, 4)}
    assert len(hashes) == 4


@given(st.integers(0, len(EXAMPLE) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_one_changed_character_is_refused(at: int, character: str) -> None:
    changed = EXAMPLE[:at] + character + EXAMPLE[at + 1 :]
    if changed != EXAMPLE:
        with pytest.raises(Damaged):
            VerifyKey.parse(changed)


@given(st.text())
def test_any_text_is_read_or_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        VerifyKey.parse(text)


def made(name: str, alg: int, public: bytes) -> str:
    return f"{name}+{keys.key_hash(name, alg, public).hex()}+{b64encode(bytes([alg]) + public).decode()}"


@pytest.mark.parametrize(
    "vkey",
    [
        made("cert.example", 2, SEED),
        made("cert.example", 6, SEED),
        made("cert.example", 1, SEED[:-1]),
        made("cert.example", 1, SEED + b"\0"),
        made("cert example", 1, SEED),
        made("cert\u00a0example", 1, SEED),
        made("", 1, SEED),
        made("a" * 256, 1, SEED),
        made("cert.example", 1, SEED).upper(),
        made("cert.example", 1, SEED) + "\n",
        "cert.example+00000000+",
    ],
)
def test_keys_of_another_shape_are_refused(vkey: str) -> None:
    with pytest.raises(Damaged) as refused:
        VerifyKey.parse(vkey)
    assert refused.value.code == "bad-key"


def small_order_points() -> set[bytes]:
    """The encodings of the points of order 1, 2, 4 and 8 on edwards25519, computed from the curve itself."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p

    def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        product = d * a[0] * b[0] * a[1] * b[1] % p
        x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + product, -1, p) % p
        return x, (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, p) % p

    def times(n: int, point: tuple[int, int]) -> tuple[int, int]:
        total = (0, 1)
        while n:
            if n & 1:
                total = add(total, point)
            point, n = add(point, point), n >> 1
        return total

    order = 2**252 + 27742317777372353535851937790883648493
    found: set[tuple[int, int]] = set()
    y = 2
    while len(found) < 8:
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        x = pow(square, (p + 3) // 8, p)
        if x * x % p != square:
            x = x * pow(2, (p - 1) // 4, p) % p
        if x * x % p == square:
            small = times(order, (x, y))
            found |= {times(n, small) for n in range(8)}
        y += 1
    return {(y | (x & 1) << 255).to_bytes(32, "little") for x, y in found}


def test_keys_under_which_a_signature_proves_nothing_are_refused() -> None:
    points = small_order_points()
    assert len(points) == 8
    not_canonical = [(2**255 - 19 + more).to_bytes(32, "little") for more in (0, 1, 18)]
    for public in (*points, *not_canonical):
        with pytest.raises(Damaged, match="proves nothing"):
            VerifyKey("cert.example", ALG_NOTE, public)


def test_a_private_key_of_another_length_is_damaged() -> None:
    for length in (0, 31, 33):
        with pytest.raises(Damaged):
            SigningKey.from_bytes(bytes(length))


def test_the_secret_is_not_in_repr() -> None:
    key = SigningKey.from_bytes(SEED)
    assert SEED.hex() not in repr(key)
    assert key.public.hex()[:16] in repr(key)


def test_tokens_and_secrets() -> None:
    tokens = {keys.token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert keys.token_hash("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(keys.random_bytes(16)) == 16
    assert keys.equal("é", "é")
    assert keys.equal(b"a", "a")
    assert not keys.equal("a", "b")
    assert not keys.equal("\ud800", "b")


def test_hmac_rfc_4231_second_case() -> None:
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert keys.hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == expected
