"""Counting what a reader may see by type, level and source: from the tally, or over hits up to a bound."""

from __future__ import annotations

from collections import Counter

from kouprey.exchange.model import Facets
from kouprey.exchange.store.narrowing import Sought, list_levels
from kouprey.exchange.store.pages import each_query
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

COUNTED = 1_000
"""Hits that are counted one by one; beyond that a person is told "1,000+"."""
_ENOUGH = 50
"""Hits among the newest that show how common words are, so that the index of terms need not give them all."""


def count_versions(reader: Reader) -> int:
    """Versions held, whoever may see them: one number for those who watch the node, who see none of them by it."""
    return int(reader.value("SELECT sum(n) FROM tally") or 0)


def count_all(reader: Reader, eyes: Eyes) -> Facets:
    """Every visible version, from the tally; sources of versions with several labels are counted up to the bound."""
    rows = reader.all(
        "SELECT tally.type, tally.label_set_id, tally.source_id, tally.n FROM tally"
        f" {visible_join('tally.label_set_id')} WHERE tally.n > 0",
        eyes.params,
    )
    levels = list_levels(reader, eyes)
    mixed = [each for each, (_, members, _) in levels.items() if members > 1]
    where, params = any_of(reader, "version.label_set_id", mixed)
    versions = reader.all(f"SELECT version.id FROM version WHERE {where} LIMIT ?", (*params, COUNTED)) if mixed else []
    return _facets(reader, eyes, rows, [row[0] for row in versions], levels, more=False)


def count_sought(reader: Reader, eyes: Eyes, sought: Sought) -> Facets:
    """The objects that fit, up to the bound."""
    shown, more = find_hits(reader, eyes, sought, after=None, most=COUNTED)
    levels = list_levels(reader, eyes)
    mixed = [row[0] for row in shown if levels[row[2]][1] > 1]
    return _facets(reader, eyes, [(*row[1:4], 1) for row in shown], mixed, levels, more=more)


def find_hits(
    reader: Reader, eyes: Eyes, sought: Sought, *, after: Instant | None, most: int
) -> tuple[list[Row], bool]:
    """Rows of (version, type, label set, first source) for at most so many hits, and whether there may be more."""
    found: list[Row] = []
    for query in each_query(reader, eyes, sought, before=None, after=after, limit=most + 1, counted=True):
        if query is not None:
            found += reader.all(query.sql, query.params)
            if len(found) > most:
                return found[:most], True
        elif len(found) >= _ENOUGH or not sought.phrases:
            return found, True
    return found, False


def _facets(
    reader: Reader,
    eyes: Eyes,
    rows: list[Row],
    mixed: list[int],
    levels: dict[int, tuple[int, int, int]],
    *,
    more: bool,
) -> Facets:
    """`rows`: (type, label set, first source, n). Where all assertions share one label, the first source is visible."""
    by_type: Counter[str] = Counter()
    by_tlp: Counter[TLP] = Counter()
    by_id: Counter[int] = Counter()
    for kind, label_set, source, n in rows:
        level, members, _ = levels[label_set]
        by_type[kind] += int(n)
        by_tlp[TLP(level)] += int(n)
        if members == 1:
            by_id[source] += int(n)
    by_source: Counter[str] = Counter()
    where, params = any_of(reader, "source.id", by_id.keys())
    for source, name in reader.all(f"SELECT source.id, {eyes.source_name} FROM source WHERE {where}", params):
        by_source[name] += by_id[source]
    if mixed:
        where, params = any_of(reader, "assertion.version_id", mixed)
        for name, n in reader.all(
            f"SELECT {eyes.source_name}, count(DISTINCT assertion.version_id) FROM assertion"
            f" {visible_join('assertion.label_set_id')} JOIN source ON source.id = assertion.source_id"
            f" WHERE {where} GROUP BY {eyes.source_name}",
            (*eyes.params, *params),
        ):
            by_source[name] += int(n)
    return Facets(
        total=by_type.total(),
        more=more,
        by_type=_ranked(by_type),
        by_tlp=dict(sorted(by_tlp.items())),
        by_source=_ranked(by_source),
    )


def _ranked(counted: Counter[str]) -> dict[str, int]:
    """The most frequent first; what is as frequent by name, since any other order could follow what is hidden."""
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))
