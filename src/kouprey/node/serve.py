"""A running node: the web server, and the threads that deliver, append, link and repeat."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator

from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import outbox
from kouprey.kernel.words.capability import Job
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.priming import prime
from kouprey.node.assemble import Node
from kouprey.node.listening import Server
from kouprey.node.turns import Turns
from kouprey.node.web import build_web

_log = logging.getLogger(__name__)

TICK = 0.2
"""Seconds between looks at what other processes (commands) have queued."""


def serve(node: Node, *, announce: Callable[[str], None]) -> None:
    """Serve until interrupted (KeyboardInterrupt) or told to end (SIGTERM, which returns).

    A second server on the same data serves too, and signs when the first has gone. Refused when nothing can listen on
    the address, Damaged when the certificate cannot be used.
    """
    app = build_web(node)
    server = Server(app, node.settings, lambda: announce(node.settings.origin), app.site.stopping)
    with _ended_by_sigterm(), background(node):
        server.run()
    if not server.was_ready:
        raise Refused(
            f"Nothing can listen on {node.settings.listen}.",
            "Another program uses the address, or it is not ours.",
            "Choose another with --listen HOST:PORT.",
            code="address-in-use",
        )


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM leaves the `with` in order; the web server raises it once more when it has shut down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def background(node: Node) -> Iterator[None]:
    """Everything a running node does beside answering requests."""
    reads = node.services.get(Exchange).reads
    reads.begin()
    stopping = threading.Event()
    threads = [
        threading.Thread(target=_sign, args=(node, stopping), name="lanes", daemon=True),
        threading.Thread(target=_deliver, args=(node, stopping), name="outbox", daemon=True),
        *(
            threading.Thread(target=_repeat, args=(job, node.turns, stopping), name=job.name, daemon=True)
            for job in node.jobs()
        ),
    ]
    # Jobs may have brought modules of their own.
    prime()
    for thread in threads:
        thread.start()
    node.federation.links.start()
    try:
        yield
    finally:
        stopping.set()
        node.lanes.waiting.set()
        node.federation.links.stop()
        for thread in threads:
            thread.join(timeout=5)
        with contextlib.suppress(KoupreyError):
            reads.flush(all_of_it=True)


def _sign(node: Node, stopping: threading.Event) -> None:
    """Pass the start-up barrier, then append and sign whatever is queued, by us or by commands."""
    while not stopping.is_set() and not _may_sign(node):
        stopping.wait(1.0)
    while not stopping.is_set():
        try:
            node.lanes.append_waiting()
        except Exception:
            _log.exception("Appending failed; it is tried again.")
            stopping.wait(2.0)
        node.lanes.waiting.wait(TICK)


def _may_sign(node: Node) -> bool:
    try:
        return node.lanes.start(node.federation.links.held_by_peers)
    except Exception:
        _log.exception("The lanes could not be started; it is tried again.")
        return False


def _deliver(node: Node, stopping: threading.Event) -> None:
    listeners = node.listeners()
    while not stopping.is_set():
        try:
            outbox.deliver(node.store, listeners, clock=node.clock)
        except Exception:
            _log.exception("Delivering facts failed; it is tried again.")
            stopping.wait(2.0)
        stopping.wait(TICK)


def _repeat(job: Job, turns: Turns, stopping: threading.Event) -> None:
    while not stopping.wait(job.every_seconds):
        try:
            job.call()
        except Exception:
            turns.note(job.name, failed=True)
            _log.exception("A repeated task failed; it is tried again at its next turn.", extra={"job": job.name})
        else:
            turns.note(job.name)
