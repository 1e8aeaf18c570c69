"""All SQL of hunts: rules, hunts, what each rule came to, and the first events it found."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kouprey.hunt.model import Hit, Hunt, Node, Outcome, Rule, State
from kouprey.kernel.storage.engine import Reader, Row, Tx

_RULE = "digest, id, title, level, product, problem, retired, added_at, added_by, text"
_HUNT = "id, name, state, at, by_name, events, unread, rules, hits, ended_at, problem"


def save_rule(tx: Tx, rule: Rule) -> bool:
    """Keep a rule, or take one in again that was retired; whether it is new."""
    known = tx.one("SELECT retired FROM hunt_rule WHERE digest = ?", (rule.digest,))
    if known is not None:
        tx.execute("UPDATE hunt_rule SET retired = 0 WHERE digest = ?", (rule.digest,))
        return bool(known[0])
    # The same rule in an older text is not asked beside the newer one.
    if rule.id:
        tx.execute("UPDATE hunt_rule SET retired = 1 WHERE id = ?", (rule.id,))
    tx.execute(
        f"INSERT INTO hunt_rule ({_RULE}, trees) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
        (
            rule.digest,
            rule.id,
            rule.title,
            rule.level,
            rule.product,
            rule.problem,
            rule.added_at,
            rule.added_by,
            rule.text,
            msgspec.json.encode(rule.trees).decode(),
        ),
    )
    return True


def retire_rule(tx: Tx, digest: str, retired: bool) -> int:
    """Ask it no more, or again; 0 when there is none."""
    return tx.execute("UPDATE hunt_rule SET retired = ? WHERE digest = ?", (int(retired), digest))


def find_rule(reader: Reader, digest: str) -> Rule | None:
    """One, without its trees."""
    row = reader.one(f"SELECT {_RULE} FROM hunt_rule WHERE digest = ?", (digest,))
    return _rule(row) if row is not None else None


def list_rules(reader: Reader, *, text: str, after: str, limit: int) -> list[Rule]:
    """Rules by title, those whose title or id holds a text (small letters), after a title and digest."""
    title, _, digest = after.partition("\n")
    rows = reader.all(
        f"SELECT {_RULE} FROM hunt_rule WHERE (title > ? OR title = ? AND digest > ?)"
        " AND (lower(title) LIKE ? OR id LIKE ?) ORDER BY title, digest LIMIT ?",
        (title, title, digest, f"%{text}%", f"%{text}%", limit),
    )
    return list(map(_rule, rows))


def count_rules(reader: Reader) -> tuple[int, int]:
    """How many can be run, and how many cannot."""
    row = reader.one(
        "SELECT sum(CASE WHEN problem = '' THEN 1 ELSE 0 END), sum(CASE WHEN problem <> '' THEN 1 ELSE 0 END)"
        " FROM hunt_rule WHERE retired = 0"
    )
    return (int(row[0] or 0), int(row[1] or 0)) if row is not None else (0, 0)


def load_rules(reader: Reader) -> list[Rule]:
    """All that are asked, with their trees."""
    rows = reader.all(f"SELECT {_RULE}, trees FROM hunt_rule WHERE retired = 0 ORDER BY title, digest")
    read = msgspec.json.Decoder(tuple[Node, ...]).decode
    return [msgspec.structs.replace(_rule(row), trees=read(row[10])) for row in rows]


def _rule(row: Row) -> Rule:
    return Rule(
        digest=str(row[0]),
        id=str(row[1]),
        title=str(row[2]),
        level=str(row[3]),
        product=str(row[4]),
        problem=str(row[5]),
        retired=bool(row[6]),
        added_at=int(row[7]),
        added_by=str(row[8]),
        text=str(row[9]),
    )


def save_hunt(tx: Tx, hunt: Hunt) -> None:
    """Keep it as it stands now."""
    tx.execute(
        f"INSERT INTO hunt ({_HUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " state = excluded.state, events = excluded.events, unread = excluded.unread, rules = excluded.rules,"
        " hits = excluded.hits, ended_at = excluded.ended_at, problem = excluded.problem",
        (
            hunt.id,
            hunt.name,
            str(hunt.state),
            hunt.at,
            hunt.by,
            hunt.events,
            hunt.unread,
            hunt.rules,
            hunt.hits,
            hunt.ended_at,
            hunt.problem,
        ),
    )


def find_hunt(reader: Reader, hunt: str) -> Hunt | None:
    """One."""
    row = reader.one(f"SELECT {_HUNT} FROM hunt WHERE id = ?", (hunt,))
    return _hunt(row) if row is not None else None


def list_hunts(reader: Reader, limit: int) -> list[Hunt]:
    """The newest first."""
    return [_hunt(row) for row in reader.all(f"SELECT {_HUNT} FROM hunt ORDER BY at DESC, id LIMIT ?", (limit,))]


def next_hunt(reader: Reader) -> Hunt | None:
    """The oldest that waits, or that a node which was stopped has left."""
    row = reader.one(f"SELECT {_HUNT} FROM hunt WHERE state IN ('waiting', 'running') ORDER BY at, id LIMIT 1")
    return _hunt(row) if row is not None else None


def _hunt(row: Row) -> Hunt:
    return Hunt(
        id=str(row[0]),
        name=str(row[1]),
        state=State(row[2]),
        at=int(row[3]),
        by=str(row[4]),
        events=int(row[5]),
        unread=int(row[6]),
        rules=int(row[7]),
        hits=int(row[8]),
        ended_at=int(row[9]),
        problem=str(row[10]),
    )


def save_results(tx: Tx, hunt: str, outcomes: Iterable[Outcome], hits: Iterable[Hit]) -> None:
    """Everything a hunt came to, in place of what an interrupted try has left."""
    tx.execute("DELETE FROM hunt_outcome WHERE hunt = ?", (hunt,))
    tx.execute("DELETE FROM hunt_hit WHERE hunt = ?", (hunt,))
    tx.many(
        "INSERT INTO hunt_outcome (hunt, digest, hits, unseen, problem) VALUES (?, ?, ?, ?, ?)",
        [(hunt, each.digest, each.hits, "\n".join(each.unseen), each.problem) for each in outcomes],
    )
    tx.many(
        "INSERT INTO hunt_hit (hunt, digest, line, text) VALUES (?, ?, ?, ?)",
        [(hunt, each.digest, each.line, each.text) for each in hits],
    )


def list_outcomes(reader: Reader, hunt: str, *, found: bool) -> list[Outcome]:
    """Rules that found something, the most hits first; else those that could not run or miss a field, by title."""
    where = "o.hits > 0" if found else "o.hits = 0 AND (o.problem <> '' OR o.unseen <> '')"
    order = "o.hits DESC, r.title" if found else "o.problem = '', r.title"
    rows = reader.all(
        "SELECT o.digest, r.id, r.title, r.level, o.hits, o.unseen, o.problem FROM hunt_outcome o"
        f" JOIN hunt_rule r ON r.digest = o.digest WHERE o.hunt = ? AND {where} ORDER BY {order}, r.digest",
        (hunt,),
    )
    return [
        Outcome(
            digest=str(row[0]),
            id=str(row[1]),
            title=str(row[2]),
            level=str(row[3]),
            hits=int(row[4]),
            unseen=tuple(filter(None, str(row[5]).split("\n"))),
            problem=str(row[6]),
        )
        for row in rows
    ]


def list_hits(reader: Reader, hunt: str, digest: str) -> list[Hit]:
    """The first events that a rule found, in their order."""
    rows = reader.all(
        "SELECT digest, line, text FROM hunt_hit WHERE hunt = ? AND digest = ? ORDER BY line", (hunt, digest)
    )
    return [Hit(digest=str(row[0]), line=int(row[1]), text=str(row[2])) for row in rows]
