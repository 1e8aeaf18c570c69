"""What is kept of an answer: text that is read, the hash of what came, and no secret."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.net.fetch import Answer
from kouprey.response.model.calls import Attempt, CallState, Sent
from kouprey.response.wire.calls import KEPT, hide_secrets, write_answer

SENT = Sent(method="GET", url="https://a.example/x", headers=(("X-A", "«secret k»"),), content="", digest="")
ATTEMPT = Attempt(id="call_1", case="c", item="i", call=0, state=CallState.SENT, sent=SENT, sent_at=1_000_000)


@given(
    st.binary(max_size=200), st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=8, max_size=30)
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_kept_as_text_with_their_hash_and_without_the_secret(body: bytes, secret: str) -> None:
    whole = body + secret.encode() + b"|" + b64encode(secret.encode())
    forms = {secret: "«secret k»"}
    record, digests = write_answer(
        ATTEMPT, Answer(200, {"x-echo": secret}, whole, ""), 2_000_000, hidden=lambda text: hide_secrets(text, forms)
    )
    assert digests.body == sha256(whole).hexdigest() and digests.record == sha256(record).hexdigest()
    told = record.decode().partition("x-echo")[2]
    assert secret not in told and f"bytes: {len(whole)}" in record.decode()


def test_of_a_long_answer_the_beginning_is_kept_and_no_half_of_a_secret() -> None:
    secret = "0123456789abcdef"
    body = b"x" * (KEPT - 8) + secret.encode() + b"y" * KEPT
    record, _ = write_answer(
        ATTEMPT, Answer(200, {}, body, ""), 0, hidden=lambda text: hide_secrets(text, {secret: "«secret k»"})
    )
    assert b"01234567" not in record and b"bytes were not kept" in record and len(record) < KEPT + 1_000
