"""QR codes on photographs and screenshots are read apart from the node; what is no image is refused."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
import segno
from PIL import Image

from kouprey.kernel.web import photos
from kouprey.kernel.words.errors import Damaged, TooLarge


def code(text: str) -> Image.Image:
    out = BytesIO()
    segno.make(text, error="l", micro=False).save(out, kind="png", scale=4, border=4)
    return Image.open(out).convert("RGB")


def photo(*texts: str, kind: str = "PNG", turned: float = 0.0) -> bytes:
    """Codes side by side on something grey, as they are met on a screen."""
    codes = [code(text) for text in texts]
    sheet = Image.new("RGB", (sum(each.width + 40 for each in codes) or 200, 700), (90, 90, 90))
    at = 20
    for each in codes:
        sheet.paste(each, (at, 60))
        at += each.width + 40
    out = BytesIO()
    sheet.rotate(turned, expand=True, fillcolor=(60, 60, 60)).save(out, kind, quality=70)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "turned"), [("PNG", 0.0), ("JPEG", 7.0)])
def test_every_code_on_a_photograph_is_read(kind: str, turned: float) -> None:
    texts = [f"KPX1/2/00000000/{'ABCDEFGH' * 60}", "please send 605ac5c0093b 7 of 9"]
    taken = photo(*texts, kind=kind, turned=turned)
    assert photos.is_photo(taken[:16])
    assert sorted(photos.read_codes(taken)) == sorted(texts)
    assert photos.read_codes(photo()) == []


def test_what_is_no_image_or_too_much_of_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = photo("text")
    huge = BytesIO()
    Image.new("1", (20_000, 9_000)).save(huge, "PNG")
    for spoilt in (b"", b"hello", small[:60], small[:8] + os.urandom(500), huge.getvalue()):
        with pytest.raises(Damaged) as refused:
            photos.read_codes(spoilt)
        assert refused.value.code == "bad-photo" and refused.value.remedy
    assert not photos.is_photo(b"age-encryption.o") and not photos.is_photo(b"GIF89a")
    monkeypatch.setattr(photos, "PHOTO_MAX", 10)
    with pytest.raises(TooLarge):
        photos.read_codes(small)


def test_the_process_that_reads_is_told_nothing_of_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}
    plain = photos.subprocess.run

    def run(command: list[str], **how: object) -> object:
        asked.update(how, command=command)
        return plain(command, **how)  # type: ignore[call-overload]  # as it was called

    monkeypatch.setattr(photos.subprocess, "run", run)
    monkeypatch.setenv("KOUPREY_DATABASE", "postgres://secret")
    photos.read_codes(photo("text"))
    assert asked["env"] == {} and "secret" not in str(asked["command"])
