"""What an operator watches of the exchange with partners: what waits, and how long links have been silent."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.federation.service import Federation
from kouprey.federation.service.history import total
from kouprey.federation.store import Span
from kouprey.federation.store import checks as looks
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.vital import Vital, gauge


def vitals(services: Services) -> list[Vital]:
    """Sums over all partners: a monitoring system has no need to learn who they are."""
    federation = services.get(Federation)
    now = wall_clock()
    with federation.store.read() as reader:
        lanes = rows.list_lanes(reader)
        links = [link for link in rows.list_links(reader) if not link.paused]
        queued = sum(rows.count_outgoing(reader).values())
        held_back = looks.count_held_back(reader)
    day = federation.links.history.last_day()
    together = total(day.values())
    unsigned = sum(lane.size - lane.signed_size for lane in lanes if lane.mine)
    silence = max((now - link.last_ok for link in links if link.last_ok), default=0)
    return [
        gauge("lanes_signing", "1 while this process signs our lanes.", int(federation.lanes.ready)),
        gauge(
            "lanes_halted",
            "1 when signing was stopped because it would not be safe.",
            int(bool(federation.lanes.halted)),
        ),
        gauge("lanes", "Lanes kept, ours and those of partners.", len(lanes)),
        gauge("lane_entries_queued", "Bodies that wait to be appended to a lane.", queued),
        gauge("lane_entries_unsigned", "Entries of our lanes that no checkpoint covers yet.", unsigned),
        gauge(
            "lane_entries_unconfirmed",
            "Publications not confirmed yet, over all partners.",
            federation.ledger.waiting(),
        ),
        gauge("links", "Links that are not paused.", len(links)),
        gauge("links_failing", "Links whose last attempt failed.", sum(1 for link in links if link.failures)),
        gauge("links_never_up", "Links that have not worked yet.", sum(1 for link in links if not link.last_ok)),
        gauge("link_silence_seconds", "Since the most silent link worked last.", silence / SECOND),
        gauge(
            "link_reached_ratio",
            "Share of the last 24 hours in which the worst partner was reached.",
            min((span.reached for span in day.values() if span.reached is not None), default=1.0),
        ),
        gauge("link_exchanges_day", "Exchanges of the last 24 hours that went well.", together.good),
        gauge("link_exchanges_failed_day", "Exchanges of the last 24 hours that failed.", together.failed),
        gauge("link_answer_seconds", "Quickest answers of partners, mean of the last 24 hours.", _seconds(together)),
        gauge("link_entries_came_day", "Entries that came over links in the last 24 hours.", together.came),
        gauge("link_bytes_came_day", "Bytes that partners answered in the last 24 hours.", together.came_bytes),
        gauge("link_entries_fetched_day", "Entries that partners fetched in the last 24 hours.", together.went),
        gauge("link_bytes_fetched_day", "Bytes that partners fetched in the last 24 hours.", together.went_bytes),
        gauge("quarantine_entries", "Entries received and not applied.", held_back),
    ]


def _seconds(span: Span) -> float:
    return span.answers_in or 0.0
