"""The fonts a node brings along: the same files on its pages and on its paper."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from kouprey.kernel.words.errors import Unknown

# Package, folder in it, how its upright variable font begins; the packages name files after the axes they vary.
_FONTS = {
    "inter": ("fontpkg_inter", "files", "Inter["),
    "noto-sans-khmer": ("fontpkg_noto_sans_khmer", "files", "NotoSansKhmer["),
    "noto-sans-thai": ("fontpkg_noto_sans_thai", "files", "NotoSansThai["),
    "noto-sans-lao": ("justmytype_intl_sea", "fonts/ofl/notosanslao", "NotoSansLao["),
    "noto-sans-myanmar": ("justmytype_intl_sea", "fonts/ofl/notosansmyanmar", "NotoSansMyanmar["),
}


def font_folders() -> dict[str, Path]:
    """Name of a font -> the folder of its package that holds it."""
    return {name: _place(package) / folder for name, (package, folder, _) in _FONTS.items()}


def font_files() -> dict[str, Traversable]:
    """Name of a font (`noto-sans-khmer`) -> its upright variable file."""
    return {
        name: entry
        for name, folder in font_folders().items()
        for entry in folder.iterdir()
        if entry.name.startswith(_FONTS[name][2])
    }


def _place(package: str) -> Path:
    """Where a package lies, without importing it: some do much more then than a font needs."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unknown(f"The font package {package} is not installed.", remedy="Install Kouprey again.", code="no-font")
    return Path(spec.submodule_search_locations[0])
