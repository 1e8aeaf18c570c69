"""Changing settings: whatever stands in the file, one value is other and everything else is as it was."""

from __future__ import annotations

import logging
import os
import stat
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.node.assemble import Node
from kouprey.node.changing import rewrite
from kouprey.node.settings import FILE
from kouprey.people.model import Role

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
VALUES = TEXTS | st.integers(-(10**9), 10**9) | st.booleans()
NAMES = st.sampled_from(["listen", "url", "log_level", "second_factor", "page_max", "story"])


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    held = logging.getLogger("kouprey").level
    yield
    logging.getLogger("kouprey").setLevel(held)


def toml(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value).lower()


@given(st.dictionaries(NAMES, VALUES), st.lists(TEXTS, max_size=3), NAMES, VALUES | st.none())
def test_one_value_is_other_and_every_comment_stays(
    held: dict[str, object], comments: list[str], name: str, value: object
) -> None:
    lines = [f"# {each}" for each in comments]
    lines += [f"{each} = {toml(said)}  # why # {each}" for each, said in held.items()]
    text = "\n".join(lines) + ("\n" if len(comments) % 2 else "")
    made = rewrite(text, name, value)
    wanted = {**held, name: value}
    if value is None:
        del wanted[name]
    assert tomllib.loads(made) == wanted
    for each in comments:
        assert f"# {each}" in made
    for each in held:
        assert f"# why # {each}" in made
    if name in held and value is not None:
        assert rewrite(made, name, held[name]).split() == text.split(), "and back"


@given(st.text(max_size=200), NAMES, VALUES | st.none())
def test_whatever_the_file_holds_it_is_refused_or_right(text: str, name: str, value: object) -> None:
    try:
        made = rewrite(text, name, value)
    except KoupreyError:
        return
    before = tomllib.loads(text)
    after = {**before, name: value}
    if value is None:
        del after[name]
    assert tomllib.loads(made) == after


@pytest.mark.parametrize(
    "text",
    [
        'log_level = """\ninfo"""\n',
        "[log_level]\na = 1\n",
        'log_level.x = "a"\n',
        'x = """\nlog_level = "a"\n"""\nlog_level = """\nb"""',
    ],
)
def test_what_only_a_person_can_change_is_left_alone(text: str) -> None:
    with pytest.raises(Refused, match="cannot be changed here"):
        rewrite(text, "log_level", "error")


def test_a_value_in_a_text_of_several_lines_is_not_mistaken() -> None:
    text = 'oidc_name = """\nlog_level = "info"\n"""\n'
    assert tomllib.loads(rewrite(text, "log_level", "error"))["log_level"] == "error"
    with pytest.raises(Refused):
        rewrite(text + 'log_level = "info"\n', "log_level", "error")


def test_a_running_node_obeys_writes_and_takes_back(node: Node, folder: Path) -> None:
    file = folder / FILE
    before = file.read_text()
    file.write_text("# ours\n" + before)
    assert node.live.change("log_level", "error", by="psn_1") is None
    assert logging.getLogger("kouprey").level == logging.ERROR and node.settings.log_level == "error"
    assert file.read_text().startswith("# ours\n") and 'log_level = "error"' in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and not list(folder.glob(".kouprey.toml*"))
    assert node.live.change("second_factor", "administrator, lead", by="psn_1") is None
    assert node.settings.second_factor_roles == {Role.ADMINISTRATOR, Role.LEAD}
    assert node.live.change("link_interval", "3", by="psn_1") is None
    assert node.federation.links._interval == 3.0
    assert node.live.change("link_interval", None, by="psn_1") == "3.0"
    assert node.settings.link_interval == 15.0 and "link_interval" not in file.read_text()
    with node.store.read() as reader:
        newest = audit.list_audit(reader, limit=1, action="node.setting")[0]
    assert (newest.subject, newest.detail["before"], newest.actor) == ("link_interval", "3.0", "psn_1")


def test_what_cannot_be_changed_says_why(node: Node, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / FILE).read_bytes()
    for name, value, kind, code in (
        ("nonsense", "1", Unknown, "unknown-setting"),
        ("listen", "127.0.0.1:1", Refused, "needs-restart"),
        ("log_level", "loud", Damaged, "bad-setting"),
        ("link_interval", "-1", Damaged, "bad-setting"),
        ("second_factor", "king", Damaged, "bad-setting"),
    ):
        with pytest.raises(kind) as told:
            node.live.change(name, value, by="psn_1")
        assert told.value.code == code
    monkeypatch.setenv("KOUPREY_LOG_LEVEL", "info")
    with pytest.raises(Refused) as told:
        node.live.change("log_level", "error", by="psn_1")
    assert told.value.code == "set-elsewhere"
    assert (folder / FILE).read_bytes() == before


def test_what_is_written_by_hand_counts_and_what_is_wrong_does_not(node: Node, folder: Path) -> None:
    file = folder / FILE
    assert node.live.refresh() is False
    text = file.read_text()
    file.write_text(text + 'log_level = "error"\n')
    assert node.live.refresh() is True and node.settings.log_level == "error"
    file.write_text(text + "log_level = \n")
    assert node.live.refresh() is False and node.live.refresh() is False, "complained of once"
    assert node.settings.log_level == "error"
    os.utime(file)


def test_two_processes_of_a_node_agree(node: Node, opened: Callable[[], Node]) -> None:
    other = opened()
    node.live.change("log_level", "error", by="psn_1")
    assert other.settings.log_level == "warning"
    assert other.live.refresh() and other.settings.log_level == "error"
