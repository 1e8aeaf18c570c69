"""Upgrades: data of the version before goes forward after a backup, and the version before takes the backup back."""

from __future__ import annotations

import itertools
import re
import signal
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.audit.service import Audit
from kouprey.kernel.cli.frame import run
from kouprey.kernel.seal import box
from kouprey.kernel.storage.copies import dump_postgres
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.storage.migrate import list_missing
from kouprey.kernel.words.capability import Capability
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.kernel.words.tlp import TLP
from kouprey.node import assemble
from kouprey.node.assemble import list_migrations, open_node
from kouprey.node.backup import make_backup, restore_backup
from kouprey.node.founding import found
from kouprey.node.main import kouprey, open_for
from kouprey.node.settings import read_settings
from kouprey.node.upgrade import plan_upgrade, upgrade
from kouprey.people.model import Role
from kouprey.people.service import People

SECRET, RECIPIENT = box.new_identity()
LATER = {
    "0001_later.sql": "CREATE TABLE later (id {{identity}}, body {{blob}});",
    "0002_later.sql": "INSERT INTO later (body) VALUES (NULL);",
}
STEPS = ("later/0001_later.sql", "later/0002_later.sql")
GUARD_LATER = {"0003_later.sql": "ALTER TABLE erasure ADD COLUMN later TEXT NOT NULL DEFAULT ''"}
_NUMBERS = itertools.count()


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Become the next version, which brings migrations of its own, one for the guard among them.

    `back` becomes the version before again.
    """
    before, guard = assemble.CAPABILITIES, assemble.GUARD

    def package_of(files: dict[str, str]) -> str:
        name = f"later_{next(_NUMBERS)}"
        package = tmp_path / "later" / name
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        for file, text in files.items():
            (package / file).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(package.parent))
        return name

    def become(migrations: dict[str, str] | None = None, *, back: bool = False) -> None:
        plates, guards = before, guard
        if not back:
            own = {file.name: file.read_text("utf-8") for file in files(guard[1]).iterdir() if file.name[0] == "0"}
            guards = (guard[0], package_of({**own, **GUARD_LATER}))
            plates = (*before, Capability(name="later", migrations=package_of(migrations or LATER)))
        monkeypatch.setattr(assemble, "CAPABILITIES", plates)
        monkeypatch.setattr(assemble, "GUARD", guards)

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
        for index in ("person_constituent", "token_constituent"):
            tx.execute(f"DROP INDEX {index}")
        for column in ("verbs", "name", "constituent"):
            tx.execute(f"ALTER TABLE token DROP COLUMN {column}")
        for column in ("language", "theme", "shortcuts", "constituent"):
            tx.execute(f"ALTER TABLE person DROP COLUMN {column}")
        for table in ("person_identity", "kept_answer", "party_member", "delegation", "root_statement"):
            tx.execute(f"DROP TABLE {table}")
        tx.execute("ALTER TABLE audit DROP COLUMN chain")
        tx.execute("DELETE FROM meta WHERE key = 'audit-head'")
        tx.execute("DELETE FROM migration WHERE capability = 'people' AND number > 5")
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
    assert refusal(lambda: plan_upgrade(folder)).code == "newer"
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


CANARY = "canary-4417"
STIX_ID = "tool--44170000-0000-4000-8000-000000000001"
OBJECT = {
    "type": "tool",
    "spec_version": "2.1",
    "id": STIX_ID,
    "created": "2026-11-22T09:00:00.000Z",
    "modified": "2026-11-22T09:00:00.000Z",
    "name": CANARY,
}


def command(folder: Path, *words: str) -> int:
    return run(kouprey(), [*words, "--json", "--data", str(folder)], opener=open_for)


def readable(folder: Path, scratch: Path) -> bool:
    """Whether the canary can be read in a file of the node or in what its PostgreSQL database holds."""
    kept = [path for path in folder.rglob("*") if path.is_file()]
    if database := read_settings(folder).database:
        kept.append(scratch / f"dump-{next(_NUMBERS)}")
        dump_postgres(database, kept[-1])
    return any(CANARY.encode() in path.read_bytes() for path in kept)


@pytest.fixture(params=["sqlite", "postgres"])
def spare(request: pytest.FixtureRequest) -> Callable[[], str]:
    """A DSN of an empty database, "" on SQLite."""
    return str if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")  # type: ignore[no-any-return]  # getfixturevalue knows no types


@pytest.fixture
def holder(tmp_path: Path, spare: Callable[[], str]) -> Path:
    """A node of this version that holds the canary."""
    folder, file = tmp_path / "holder", tmp_path / "canary.json"
    settings = {"database": spare(), "guard_database": spare()}
    identity = "identity--44170000-0000-4000-8000-000000000002"
    found(folder, party="cert.example", name="CERT", settings=settings, identity=identity, person="A")
    file.write_bytes(msgspec.json.encode(OBJECT))
    assert command(folder, "import", str(file), "--tlp", "green") == 0
    assert readable(folder, tmp_path)
    return folder


def sources(folder: Path, listed: Path) -> dict[str, Path | None]:
    """Where a list of erasures can be had: a guard in a database of its own is asked without being named."""
    return {"file": listed, **({"guard": None} if read_settings(folder).guard_database else {"folder": folder})}


def erase(folder: Path, listed: Path) -> None:
    assert command(folder, "erase", STIX_ID, "--because", "Order 12", "--yes") == 0
    assert command(folder, "erase", "--export", str(listed)) == 0


def barred(folder: Path, scratch: Path) -> bool:
    """Whether the node neither shows the canary, nor takes it in again, nor has it in its files."""
    refused = command(folder, "import", str(scratch / "canary.json"), "--tlp", "green") == 7
    return refused and command(folder, "show", STIX_ID) == 4 and not readable(folder, scratch)


def test_what_the_newer_version_erased_stays_erased_on_the_way_back_and_forward_again(
    holder: Path, tmp_path: Path, later: Callable[..., None], spare: Callable[[], str]
) -> None:
    backup, listed = tmp_path / "b", tmp_path / "listed.json"
    later()
    upgrade(holder, backup, [RECIPIENT])
    erase(holder, listed)
    for name, source in sources(holder, listed).items():
        later(back=True)
        back = tmp_path / f"by-{name}"
        report = restore_backup(backup, back, [SECRET], database=spare(), erasures=source)
        assert report.erasures == 1 and report.steps == () and barred(back, tmp_path)
        later()
        assert upgrade(back, tmp_path / f"again-{name}", [RECIPIENT]).steps == STEPS
        assert barred(back, tmp_path)
        restored = restore_backup(
            tmp_path / f"again-{name}", tmp_path / f"{name}-2", [SECRET], database=spare(), erasures=listed
        )
        assert restored.erasures == 1 and barred(tmp_path / f"{name}-2", tmp_path)


def test_a_backup_of_the_version_before_is_brought_forward_where_it_is_restored(
    holder: Path, tmp_path: Path, later: Callable[..., None], spare: Callable[[], str]
) -> None:
    backup, listed = tmp_path / "b", tmp_path / "listed.json"
    make_backup(holder, backup, [RECIPIENT])
    erase(holder, listed)
    later()
    for name, source in sources(holder, listed).items():
        report = restore_backup(backup, tmp_path / name, [SECRET], database=spare(), erasures=source)
        assert report.steps == STEPS and report.erasures == 1
        assert barred(tmp_path / name, tmp_path) and plan_upgrade(tmp_path / name).steps == ()


def test_a_backup_of_the_version_after_is_not_put_in_place(
    holder: Path, tmp_path: Path, later: Callable[..., None], spare: Callable[[], str]
) -> None:
    later()
    upgrade(holder, tmp_path / "b", [RECIPIENT])
    make_backup(holder, tmp_path / "b2", [RECIPIENT])
    later(back=True)
    refused = refusal(lambda: restore_backup(tmp_path / "b2", tmp_path / "new", [SECRET], database=spare()))
    assert refused.code == "newer" and not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new-*")), "nor left beside it"


def test_what_is_no_list_is_said_before_a_database_is_filled(
    holder: Path, tmp_path: Path, spare: Callable[[], str]
) -> None:
    make_backup(holder, tmp_path / "b", [RECIPIENT])
    (tmp_path / "other.json").write_bytes(b"{}")
    database = spare()
    for source, code in ((tmp_path / "other.json", "bad-erasures"), (tmp_path, "no-guard")):
        refused = refusal(
            lambda source=source: restore_backup(  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                tmp_path / "b", tmp_path / "new", [SECRET], database=database, erasures=source
            )
        )
        assert refused.code == code and not (tmp_path / "new").exists()
    assert restore_backup(tmp_path / "b", tmp_path / "new", [SECRET], database=database).steps == ()


def test_a_guard_of_this_version_serves_older_ones() -> None:
    """They find it after a way back: nothing they know may change, and nothing they do not know be needed."""
    adds = re.compile(r"CREATE TABLE .*|ALTER TABLE \w+ ADD COLUMN (\w+ \S+|.* DEFAULT .*)", re.DOTALL)
    texts = [file.read_text("utf-8") for file in files(assemble.GUARD[1]).iterdir() if file.name.endswith(".sql")]
    statements = [each.strip() for text in texts for each in re.sub(r"--.*", "", text).split(";") if each.strip()]
    assert len(statements) > 1 and not [each for each in statements if adds.fullmatch(each) is None]
