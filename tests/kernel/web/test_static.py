"""Static files: versioned, small on the line, and nothing else reachable."""

import gzip
import re
from pathlib import Path

import pytest

from inprocess import AppClient
from kouprey.kernel import web
from kouprey.kernel.web.static import StaticFiles, static_files

FILES = StaticFiles()


@pytest.mark.parametrize("name", FILES.names())
def test_every_file(client: AppClient, name: str) -> None:
    answer = client.get(FILES.url(name))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].split("/")[0] in ("text", "font", "image")
    plain = client.get(FILES.url(name), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


def test_fonts_are_there_and_referred_to() -> None:
    fonts = {
        f"fonts/{name}.ttf" for name in ("inter", *(f"noto-sans-{one}" for one in ("khmer", "lao", "myanmar", "thai")))
    }
    assert {*fonts, "kouprey.css", "kouprey.js"} <= set(FILES.names())
    # None but the first is fetched before a letter of its script is shown.
    style = Path(web.__path__[0], "static/kouprey.css").read_text("utf-8")
    faces = re.findall(r"@font-face \{([^}]+)\}", style)
    assert {re.findall(r'url\("([^"]+)"\)', face)[0] for face in faces} == {*fonts, "khmer-name.ttf"}
    assert all("unicode-range:" in face and "font-display: swap" in face for face in faces)


def test_style_refers_to_versions(client: AppClient) -> None:
    style = client.get(FILES.url("kouprey.css")).text
    assert f'url("{FILES.url("fonts/inter.ttf")}")' in style
    assert f'url("{FILES.url("fonts/noto-sans-khmer.ttf")}")' in style


def test_modules_import_versions(client: AppClient) -> None:
    """Else a browser would keep old parts of a script beside new ones, or load one part twice."""
    script = client.get(FILES.url("graph.js")).text
    named = re.findall(r'^import .* from "(.*)";$', script, re.MULTILINE)
    assert FILES.url("graph-model.js") in named and all(each == FILES.url(each[8:-15]) for each in named)
    part = client.get(FILES.url("graph-picture.js")).text
    assert f'from "{FILES.url("graph-model.js")}";' in part


def test_old_or_missing_version_is_checked_again(client: AppClient) -> None:
    for address in ("/static/kouprey.css", "/static/kouprey.css?v=old"):
        answer = client.get(address)
        assert answer.headers["cache-control"] == "public, no-cache"
        again = client.get(address, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_compressed(client: AppClient) -> None:
    with client.stream("GET", "/static/fonts/inter.ttf", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw)[:4] == b"\x00\x01\x00\x00"


@pytest.mark.parametrize("name", ["nothing.css", "../app.py", "%2e%2e/app.py", "fonts/", "..%2f..%2fapp.py", ""])
def test_nothing_else(client: AppClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_the_bytes_of_a_file_can_be_put_beside_other_pages() -> None:
    assert b"@font-face" in static_files().content("statements.css")
