"""Upgrades: data of the version before goes forward after a backup, and the version before takes the backup back."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.audit.service import Audit
from kouprey.kernel.seal import box
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.storage.migrate import list_missing
from kouprey.kernel.words.capability import Capability
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.kernel.words.tlp import TLP
from kouprey.node import assemble
from kouprey.node.assemble import list_migrations, open_node
from kouprey.node.backup import restore_backup
from kouprey.node.upgrade import plan_upgrade, upgrade
from kouprey.people.model import Role
from kouprey.people.service import People

SECRET, RECIPIENT = box.new_identity()
LATER = {
    "0001_later.sql": "CREATE TABLE later (id {{identity}}, body {{blob}});",
    "0002_later.sql": "INSERT INTO later (body) VALUES (x'00');",
}
STEPS = ("later/0001_later.sql", "later/0002_later.sql")
_NUMBERS = itertools.count()


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Become the next version, which brings migrations of its own; `back` becomes the one before again."""
    before = assemble.CAPABILITIES

    def become(files: dict[str, str] | None = None, *, back: bool = False) -> None:
        name = f"later_{next(_NUMBERS)}"
        package = tmp_path / "later" / name
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        for file, text in (LATER if files is None else files).items():
            (package / file).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(package.parent))
        plates = before if back else (*before, Capability(name="later", migrations=name))
        monkeypatch.setattr(assemble, "CAPABILITIES", plates)

    return become


def refusal(call: Callable[[], Any]) -> KoupreyError:
    with pytest.raises(KoupreyError) as caught:
        call()
    return caught.value


def test_there_is_nothing_to_do_for_data_of_this_version(folder: Path, tmp_path: Path) -> None:
    assert plan_upgrade(folder).steps == ()
    report = upgrade(folder, tmp_path / "b", [RECIPIENT])
    assert report.backup is None and not (tmp_path / "b").exists()


def test_data_of_the_version_before_is_not_touched_until_it_is_upgraded(
    folder: Path, tmp_path: Path, later: Callable[..., None]
) -> None:
    later()
    refused = refusal(lambda: open_node(folder))
    assert refused.code == "upgrade-needed" and "kouprey upgrade" in refused.remedy
    plan = plan_upgrade(folder)
    assert plan.steps == STEPS and not plan.served and plan.database_size > 0
    assert plan_upgrade(folder).steps == STEPS, "looking changes nothing"
    report = upgrade(folder, tmp_path / "b", [RECIPIENT])
    assert report.steps == STEPS and report.backup is not None
    assert report.backup.recipients == (RECIPIENT,)
    node = open_node(folder)
    try:
        with node.store.read() as reader:
            assert reader.value("SELECT count(*) FROM later") == 1
            actions = [row[0] for row in reader.all("SELECT action FROM audit ORDER BY id")]
        assert actions[-1] == "node.upgrade"
    finally:
        node.close()


def test_a_trail_from_before_it_was_chained_goes_forward(folder: Path, tmp_path: Path) -> None:
    """With the two lines of its backup and upgrade, and a link and a token that were made before."""
    node = open_node(folder)
    people = node.services.get(People)
    link = people.make_sign_in_link(people.list_persons()[0], by="operator")
    token, secret = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test", collections=["main"])

    def back(tx: Tx) -> None:
        for column in ("made_by", "made_at", "revoked_at"):
            tx.execute("DROP INDEX IF EXISTS sign_in_link_person")
            tx.execute(f"ALTER TABLE sign_in_link DROP COLUMN {column}")
        tx.execute("ALTER TABLE token DROP COLUMN verbs")
        for table in ("person_identity", "party_member", "delegation"):
            tx.execute(f"DROP TABLE {table}")
        tx.execute("ALTER TABLE audit DROP COLUMN chain")
        tx.execute("DELETE FROM meta WHERE key = 'audit-head'")
        tx.execute("DELETE FROM migration WHERE capability = 'people' AND number > 5")
        tx.execute("DROP TABLE kept_answer")
        tx.execute("DELETE FROM migration WHERE capability = 'kernel' AND number > 3")

    node.store.write(back)
    node.close()
    assert "kernel/0004_audit_chain.sql" in plan_upgrade(folder).steps
    upgrade(folder, tmp_path / "b", [RECIPIENT])
    node = open_node(folder)
    try:
        found = node.services.get(Audit).verify()
        assert found.whole and found.lines == 1 and found.earlier > 2, "the upgrade is the first line that is chained"
        people = node.services.get(People)
        assert people.find_link_holder(link) is not None and people.list_invitations()[0].made_by == ""
        held = people.find_token(f"Bearer {secret}")
        assert held is not None and (held.collections, held.verbs, held.user) == (("main",), (), token.user)
    finally:
        node.close()


def test_the_version_before_takes_back_what_was_before(
    folder: Path, tmp_path: Path, later: Callable[..., None]
) -> None:
    later()
    upgrade(folder, tmp_path / "b", [RECIPIENT])
    node = open_node(folder)
    node.services.get(People).save_person("Since", (Role.ANALYST,), TLP.GREEN, by="test")
    node.close()
    assert refusal(lambda: _with_known_later(folder, later)).code == "newer"
    later(back=True)
    assert refusal(lambda: open_node(folder)).code == "newer"
    restore_backup(tmp_path / "b", tmp_path / "back", [SECRET])
    node = open_node(tmp_path / "back")
    try:
        names = [each.name for each in node.services.get(People).list_persons()]
        assert names == ["Sophea"] and node.lanes.start()
    finally:
        node.close()


def _with_known_later(folder: Path, later: Callable[..., None]) -> None:
    """A version that knows the capability and fewer of its migrations."""
    later({"0001_later.sql": LATER["0001_later.sql"]})
    open_node(folder)


def test_a_migration_that_fails_leaves_those_before_it_and_can_be_tried_again(
    folder: Path, tmp_path: Path, later: Callable[..., None]
) -> None:
    later({**LATER, "0002_later.sql": "INSERT INTO later (nothing) VALUES (1);"})
    with pytest.raises(Exception, match="nothing"):
        upgrade(folder, tmp_path / "b", [RECIPIENT])
    assert (tmp_path / "b").exists()
    later()
    assert plan_upgrade(folder).steps == STEPS[1:]
    assert refusal(lambda: open_node(folder)).code == "upgrade-needed"
    assert upgrade(folder, tmp_path / "b2", [RECIPIENT]).steps == STEPS[1:]


def test_without_a_backup_nothing_is_changed(folder: Path, tmp_path: Path, later: Callable[..., None]) -> None:
    later()
    (tmp_path / "b").touch()
    assert refusal(lambda: upgrade(folder, tmp_path / "b", [RECIPIENT])).code == "file-exists"
    with pytest.raises(Unreachable):
        upgrade(folder, tmp_path / "no" / "folder" / "b", [RECIPIENT])
    with pytest.raises(KoupreyError):
        upgrade(folder, tmp_path / "c", ["nobody"])
    assert plan_upgrade(folder).steps == STEPS


def test_not_beside_a_server_and_no_server_beside_it(
    folder: Path, tmp_path: Path, start: Callable[..., Any], port: int
) -> None:
    server = start("--listen", f"127.0.0.1:{port}")
    assert server.first_line()
    assert plan_upgrade(folder).served
    refused = refusal(lambda: upgrade(folder, tmp_path / "b", [RECIPIENT]))
    assert refused.code == "node-running" and "systemctl stop" in refused.remedy
    assert server.end(signal.SIGTERM)[0] == 0
    with assemble_alone(folder):
        second = start("--listen", f"127.0.0.1:{port}")
        code, err = second.wait()
    assert code == Refused.exit_code and "being upgraded" in err
    assert not plan_upgrade(folder).served


def assemble_alone(folder: Path) -> Any:
    from kouprey.node.upgrade import _alone

    return _alone(folder)


def test_the_steps_are_those_of_a_new_node(folder: Path) -> None:
    node = open_node(folder)
    try:
        assert list_missing(node.store, list_migrations()) == []
    finally:
        node.close()
