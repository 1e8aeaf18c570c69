"""The fonts of the packages are where they are looked for."""

from kouprey.kernel.paper.fonts import font_files, font_folders


def test_each_font_is_one_file_of_its_package() -> None:
    found = font_files()
    assert set(found) == set(font_folders()) >= {"inter", "noto-sans-khmer"}
    assert all(entry.name.endswith(".ttf") and "wght" in entry.name for entry in found.values())
