"""Whom steps may call, as the settings say, and secrets that stand in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.node.reach import Reaching, reach_of, reach_problems, read_secret


def test_hosts_without_a_port_mean_tls() -> None:
    reach = reach_of(Reaching(playbook_hosts="a.example, b.example:8443,[2001:db8::7]", playbook_hosts_of_others="c"))
    assert reach.hosts == {"a.example:443", "b.example:8443", "[2001:db8::7]:443"} and reach.others == {"c:443"}
    assert reach_of(Reaching()).hosts == frozenset()


@pytest.mark.parametrize(
    "host", ["https://a.example", "a.example/x", "A.example", "a.example:0", "a b", "*", "a:99999"]
)
def test_what_is_no_host_is_named(host: str) -> None:
    problems = dict(reach_problems(Reaching(playbook_hosts=f"ok.example, {host}")))
    assert repr(host) in problems["playbook_hosts"]
    assert not dict(reach_problems(Reaching(playbook_hosts="ok.example,127.0.0.1:8080")))
    assert "playbook_secrets" in dict(reach_problems(Reaching(playbook_secrets=" ")))


def test_a_secret_is_read_from_the_folder_of_its_host_alone(tmp_path: Path) -> None:
    (tmp_path / "a.example").mkdir()
    (tmp_path / "a.example" / "key").write_text("s3cret\n")
    (tmp_path / "a.example" / "two").write_text("a\nb")
    (tmp_path / "a.example" / "none").write_text("")
    (tmp_path / "plain").write_text("x")
    assert read_secret(tmp_path, "a.example", "key") == "s3cret"
    for host, name in (("b.example", "key"), ("a.example", "two"), ("a.example", "none"), ("a.example", "../plain")):
        with pytest.raises(Refused) as caught:
            read_secret(tmp_path, host, name)
        assert caught.value.code == "no-secret" and "playbook_secrets" in caught.value.remedy
