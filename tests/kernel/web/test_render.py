"""Rendering: always escaped, unknown names fail, capabilities bring their own templates."""

from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from inprocess import AppClient
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.door import page
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import Site

MakeClient = Callable[..., AppClient]
PAGE = """{% extends "frame.html" %}
{% block main %}{{ value }} {{ 1234567|number }} {{ _("Hello %(name)s", name=value) -}}
{{ csrf_field() }}{% endblock %}"""
PO = 'msgid "Hello %(name)s"\nmsgstr "សួស្តី %(name)s"\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    # Of what is installed templates are kept for good: each test brings a package of its own.
    package = tmp_path / f"sample_{tmp_path.name}"
    (package / "templates").mkdir(parents=True)
    (package / "locale/km/LC_MESSAGES").mkdir(parents=True)
    (package / "__init__.py").write_text('"""A capability with a template."""\n')
    (package / "templates/page.html").write_text(PAGE)
    (package / "templates/unknown.html").write_text("{{ nothing }}")
    (package / "locale/km/LC_MESSAGES/kouprey.po").write_text(PO)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Site(
        node_id="ab12",
        party="cert.example",
        party_name="<Example>",
        version="0",
        origins=("http://cert.example",),
        sign=lambda data: data[:32].ljust(32),
        templates=(package.name,),
    )


def test_template_of_a_capability(site: Site) -> None:
    def show(request: Request) -> object:
        return request.render(f"{site.templates[0]}/page.html", value="<script>")

    client = AppClient(build_app(site, [page("/", show, open=True)]), base_url="http://cert.example")
    english = client.get("/").text
    assert "&lt;script&gt; 1,234,567 Hello &lt;script&gt;" in english
    assert "<script>" not in english.replace('<script src="/static', "")
    assert "&lt;Example&gt;" in english and "<Example>" not in english
    # A constant in a template must not keep the language of whoever came first.
    khmer = client.get("/", headers={"accept-language": "km"}).text
    assert "1,234,567 សួស្តី &lt;script&gt;" in khmer, khmer.split("<main")[1]
    assert "1,234,567" in client.get("/").text


def test_unknown_names_fail(site: Site) -> None:
    with pytest.raises(UndefinedError):
        site.pages.environment.get_template(f"{site.templates[0]}/unknown.html").render()


def test_navigation_follows_roles(make_client: MakeClient) -> None:
    analyst, administrator = make_client("dara").get("/echoed").text, make_client("sok").get("/echoed").text
    assert 'href="/administration"' not in analyst and 'href="/administration"' in administrator
    assert '<a href="/echoed" aria-current="page">' in analyst
    assert analyst.count("aria-current") == 1
    assert 'class="side"' not in make_client().get("/").text
