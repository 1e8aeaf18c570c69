"""Where to go next is never a stranger's choice."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.request import own_path


@pytest.mark.parametrize("path", ["/", "/objects?q=a%20b&c=d", "/a//b", "/a#b"])
def test_own_paths_stay(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "objects", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n//e"]
)
def test_foreign_places_become_the_overview(path: str) -> None:
    assert own_path(path) == "/"


@given(st.text(st.sampled_from("/\\:.@?#ae \t\r\n%"), max_size=12))
def test_no_text_leads_away(text: str) -> None:
    assert urlsplit(urljoin("https://cert.example/x", own_path(text))).netloc == "cert.example"
