"""Verbs of watch: take what sensors see, match it, keep it, raise alerts and tell of them."""

from __future__ import annotations

from collections.abc import Iterator

from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.vital import Vital, gauge
from kouprey.watch.model import Event, Kept
from kouprey.watch.rules.matching import Matcher, Terms
from kouprey.watch.rules.naming import name_of
from kouprey.watch.service.alerting import Alerting, Alerts, Health, Shown
from kouprey.watch.service.following import Step


class Watch(Alerting):
    """Everything about watch. Events are this node's own and leave it in no way; only people of ours see alerts."""

    def kept(self, since: Instant, until: Instant | None = None) -> Iterator[Event]:
        """Events of [since, until) that are kept, in the order of their arrival; for hunts and for trials of blocks."""
        return self._keeping.read(since, until)


def jobs(services: Services) -> list[Job]:
    """Look for what came, ask the past for it, tell what is to be told, and let go of what is too old."""
    watch = services.get(Watch)
    return [
        Job("watch.arm", 2.0, watch.arm_ahead),
        Job("watch.recall", 15.0, watch.recall),
        Job("watch.tell", 5.0, watch.tell_by_itself),
        Job("watch.tidy", 60.0, watch.tidy),
    ]


def vitals(services: Services) -> list[Vital]:
    """How the watch fares."""
    watch = services.get(Watch)
    who = watch.operator()
    health = [each for each in watch.health(who) if not each.source.retired]
    return [
        gauge("watch_sources_silent", "Sources that sent and are silent.", sum(each.silent for each in health)),
        gauge("watch_events", "Lines taken from all sources.", sum(each.source.events for each in health)),
        gauge("watch_kept_bytes", "Bytes of kept events.", watch.total_kept(who)[1]),
    ]


__all__ = ["Alerts", "Health", "Kept", "Matcher", "Shown", "Step", "Terms", "Watch", "jobs", "name_of", "vitals"]
