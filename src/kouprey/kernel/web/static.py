"""Files that never change under their address: style, script, symbols and the fonts of the font packages."""

from __future__ import annotations

import gzip
import re
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from starlette.responses import Response

from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Unknown

# Package, folder in it, how its upright variable font begins; the packages name files after the axes they vary.
_FONTS = {
    "fonts/inter.ttf": ("fontpkg_inter", "files", "Inter["),
    "fonts/noto-sans-khmer.ttf": ("fontpkg_noto_sans_khmer", "files", "NotoSansKhmer["),
    "fonts/noto-sans-thai.ttf": ("fontpkg_noto_sans_thai", "files", "NotoSansThai["),
    "fonts/noto-sans-lao.ttf": ("justmytype_intl_sea", "fonts/ofl/notosanslao", "NotoSansLao["),
    "fonts/noto-sans-myanmar.ttf": ("justmytype_intl_sea", "fonts/ofl/notosansmyanmar", "NotoSansMyanmar["),
}
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "ttf": "font/ttf"}
_REFERENCE = re.compile(r'url\("([a-z/.-]+)"\)')


class _File:
    def __init__(self, content: bytes, kind: str) -> None:
        self.content = content
        self.kind = kind
        self.version = sha256(content).hexdigest()[:12]

    @cached_property
    def zipped(self) -> bytes:
        # Fonts shrink by half, which counts on thin lines; done once, when first asked for.
        return gzip.compress(self.content, 6, mtime=0)


def _folder(package: str) -> Traversable:
    """Where a package lies, without importing it: some do much more then than a font needs."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unknown(f"The font package {package} is not installed.", remedy="Install Kouprey again.", code="no-font")
    return Path(spec.submodule_search_locations[0])


class StaticFiles:
    """Everything below `/static/`, in memory; `url` carries the hash of the content, so answers may be kept a year."""

    def __init__(self) -> None:
        found: dict[str, Traversable] = {}
        for entry in files("kouprey.kernel.web").joinpath("static").iterdir():
            if entry.name.rpartition(".")[2] in _KINDS:
                found[entry.name] = entry
        for name, (package, folder, start) in _FONTS.items():
            for entry in _folder(package).joinpath(folder).iterdir():
                if entry.name.startswith(start):
                    found[name] = entry
        self._files: dict[str, _File] = {}
        # Style sheets last: the addresses in them carry the versions of the others.
        for name in sorted(found, key=lambda name: name.endswith(".css")):
            content, suffix = found[name].read_bytes(), name.rpartition(".")[2]
            if suffix == "css":
                content = _REFERENCE.sub(lambda hit: f'url("{self.url(hit.group(1))}")', content.decode()).encode()
            self._files[name] = _File(content, _KINDS[suffix])

    def url(self, name: str) -> str:
        """The address of a file, with the version of its content."""
        return f"/static/{name}?v={self._files[name].version}"

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
