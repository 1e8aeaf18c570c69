"""Settings: which of file, environment and flag counts, and that whatever is wrong is named with its place."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.node.settings import FILE, Settings, read_settings, write_settings
from kouprey.people.model import Role


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_settings(tmp_path, {"listen": "127.0.0.1:1111", "link_interval": 7})
    return tmp_path


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings(data).port == 1111
    monkeypatch.setenv("KOUPREY_LISTEN", "127.0.0.1:2222")
    assert read_settings(data).port == 2222
    assert read_settings(data, {"listen": "127.0.0.1:3333"}).port == 3333
    assert read_settings(data, {"listen": None}).port == 2222, "a flag that was not given says nothing"
    assert read_settings(data).link_interval == 7.0, "the others stay"


def test_the_environment_sets_numbers_and_truth(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BODY_MAX": "1234", "LINK_INTERVAL": "0.5", "STORY": "true", "PAGE_MAX": "50"}.items():
        monkeypatch.setenv(f"KOUPREY_{name}", value)
    read = read_settings(data)
    assert (read.body_max, read.link_interval, read.story) == (1234, 0.5, True)
    assert (read.limits.body, read.limits.page) == (1234, 50)


WRONG = {
    "listen": ["8420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:0", "127.0.0.1:65536", "h:-1", "h:８０"],
    "url": ["node.example", "ftp://node.example", "https://", "https://node.example/path", "https://h:port", "//h"],
    "link_interval": ["soon", "0", "-1", "nan", "inf"],
    "body_max": ["0", "-5", "1.5", "much"],
    "page_max": ["0", "x"],
    "story": ["perhaps"],
    "tls_key": ["/somewhere/key.pem"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_named_with_its_place(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"KOUPREY_{name.upper()}", value)
    with pytest.raises(Damaged) as caught:
        read_settings(data)
    assert caught.value.code == "bad-setting"
    assert name in caught.value.what and f"KOUPREY_{name.upper()}" in caught.value.remedy
    assert caught.value.why, "it says what is wrong with it"


def test_the_place_is_the_one_that_counted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / FILE).write_text('listen = "nowhere"\n', "utf-8")
    with pytest.raises(Damaged) as caught:
        read_settings(data)
    assert str(data / FILE) in caught.value.remedy
    monkeypatch.setenv("KOUPREY_LISTEN", "127.0.0.1:1")
    assert read_settings(data).port == 1
    with pytest.raises(Damaged) as caught:
        read_settings(data, {"listen": "elsewhere"})
    assert "--listen" in caught.value.remedy


@pytest.mark.parametrize("text", ["listen = ", "\x00", 'listen = "a:1"\nlisten = "b:2"', "link_interval = 'soon'"])
def test_a_damaged_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(Damaged) as caught:
        read_settings(tmp_path)
    assert caught.value.code == "bad-setting" and FILE in str(caught.value)
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(Damaged):
        read_settings(tmp_path)


def test_a_setting_nobody_knows_is_named(data: Path) -> None:
    (data / FILE).write_text('lisen = "127.0.0.1:1"\n', "utf-8")
    with pytest.raises(Damaged) as caught:
        read_settings(data)
    assert "lisen" in caught.value.what


def test_without_a_node_the_remedy_is_init(tmp_path: Path) -> None:
    with pytest.raises(Unknown) as caught:
        read_settings(tmp_path)
    assert caught.value.code == "no-node" and "kouprey init" in caught.value.remedy


def test_the_file_is_closed_to_others_and_never_overwritten(tmp_path: Path) -> None:
    write_settings(tmp_path, {"database": "host=db password=secret"})
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_settings(tmp_path, {})
    assert read_settings(tmp_path).database == "host=db password=secret"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), max_size=30))
@example('\x7f \x00 " \\ \n')
def test_any_text_is_read_as_it_was_written(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).unlink(missing_ok=True)
    write_settings(tmp_path, {"database": text})
    assert read_settings(tmp_path).database == text


def test_what_follows_from_the_settings() -> None:
    plain = Settings(listen="127.0.0.1:8420")
    assert (plain.origin, plain.host, plain.port) == ("http://127.0.0.1:8420", "127.0.0.1", 8420)
    assert plain.allowed_hosts == {"127.0.0.1:8420", "localhost:8420"}
    assert Settings(listen="[::1]:8420").host == "::1"
    assert Settings(tls_certificate="cert.pem").origin == "https://127.0.0.1:8420"
    behind = Settings(listen="0.0.0.0:8420", url="https://node.example/")
    assert behind.origin == "https://node.example"
    assert "node.example" in behind.allowed_hosts and "evil.example" not in behind.allowed_hosts


OIDC = {"oidc_issuer": "https://id.example/state", "oidc_client_id": "kouprey"}


def written(data: Path, values: dict[str, object]) -> Path:
    data.mkdir(exist_ok=True)
    (data / FILE).unlink(missing_ok=True)
    write_settings(data, values)
    return data


def test_a_provider_is_read_with_its_secret_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden\n")
    more = {"oidc_secret_file": str(secret), "oidc_roles": "a=b=analyst, soc=lead", "oidc_create_group": "staff"}
    read = read_settings(written(tmp_path / "node", {**OIDC, **more, "oidc_clearance": "green"}))
    provider = read.provider
    assert provider is not None
    assert (provider.secret, provider.name, provider.create) == ("hidden", "id.example", "staff")
    assert provider.roles == (("a=b", Role.ANALYST), ("soc", Role.LEAD)) and provider.clearance is TLP.GREEN
    assert "hidden" not in repr(read) + repr(provider)
    assert read_settings(written(tmp_path / "node", {})).provider is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oidc_issuer", "http://id.example"),
        ("oidc_issuer", "https://id.example/?x=1"),
        ("oidc_issuer", "https://[x"),
        ("oidc_client_id", ""),
        ("oidc_roles", "staff=administrator"),
        ("oidc_roles", "staff=king"),
        ("oidc_roles", "analyst"),
        ("oidc_clearance", "purple"),
        ("oidc_secret_file", "/nowhere/at/all"),
        ("second_factor", "administrator, king"),
    ],
)
def test_what_is_wrong_with_a_provider_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Damaged) as told:
        read_settings(written(tmp_path / "node", {**OIDC, name: value}))
    assert told.value.detail["setting"] == name


def test_roles_that_need_a_second_factor_are_read(tmp_path: Path) -> None:
    read = read_settings(written(tmp_path / "node", {"second_factor": "administrator, auditor"}))
    assert read.second_factor_roles == {Role.ADMINISTRATOR, Role.AUDITOR}
