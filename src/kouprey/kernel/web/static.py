"""Files that never change under their address: style, script, symbols and the fonts of the font packages."""

from __future__ import annotations

import gzip
import re
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.responses import Response

from kouprey.kernel.paper.fonts import font_files
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Unknown

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "ttf": "font/ttf"}
# How a file names others: a style its fonts, a module what it imports. The name stands between the groups.
_REFERENCES = {
    "css": re.compile(r'(url\(")([a-z/.-]+)("\))'),
    "js": re.compile(r'^(import \{[^}]*\} from ")\./([a-z.-]+)(";)$', re.MULTILINE),
}


class _File:
    def __init__(self, content: bytes, kind: str) -> None:
        self.content = content
        self.kind = kind
        self.version = sha256(content).hexdigest()[:12]

    @cached_property
    def zipped(self) -> bytes:
        # Fonts shrink by half, which counts on thin lines; done once, when first asked for.
        return gzip.compress(self.content, 6, mtime=0)


class StaticFiles:
    """Everything below `/static/`, in memory; `url` carries the hash of the content, so answers may be kept a year."""

    def __init__(self) -> None:
        self._found: dict[str, Traversable] = {}
        for entry in files("kouprey.kernel.web").joinpath("static").iterdir():
            if entry.name.rpartition(".")[2] in _KINDS:
                self._found[entry.name] = entry
        self._found.update((f"fonts/{name}.ttf", entry) for name, entry in font_files().items())
        self._files: dict[str, _File] = {}
        for name in self._found:
            self._load(name)

    def _load(self, name: str) -> _File:
        """Read a file after those it names, whose versions its references carry; modules must not name in a circle."""
        if name not in self._files:
            content, suffix = self._found[name].read_bytes(), name.rpartition(".")[2]
            if suffix in _REFERENCES:
                content = _REFERENCES[suffix].sub(self._versioned, content.decode()).encode()
            self._files[name] = _File(content, _KINDS[suffix])
        return self._files[name]

    def _versioned(self, hit: re.Match[str]) -> str:
        before, name, after = hit.groups()
        return f"{before}/static/{name}?v={self._load(name).version}{after}"

    def url(self, name: str) -> str:
        """The address of a file, with the version of its content."""
        return f"/static/{name}?v={self._files[name].version}"

    def content(self, name: str) -> bytes:
        """The bytes of a file, for whoever puts it beside pages that are handed out elsewhere."""
        return self._files[name].content

    def names(self) -> list[str]:
        """All files there are."""
        return sorted(self._files)

    def answer(self, request: Request) -> Response:
        """Serve one file; an unversioned or outdated address is checked again by ETag."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise Unknown("There is no such file.", code="no-such-path")
        tag = f'"{file.version}"'
        current = request.query_params.get("v") == file.version
        headers = {
            "ETag": tag,
            "Vary": "Accept-Encoding",
            "Cache-Control": "public, max-age=31536000, immutable" if current else "public, no-cache",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.zipped, headers=headers, media_type=file.kind)
        return Response(file.content, headers=headers, media_type=file.kind)


@cache
def static_files() -> StaticFiles:
    """The files that are installed, read once."""
    return StaticFiles()
