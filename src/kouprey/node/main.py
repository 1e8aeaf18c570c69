"""The `kouprey` command: its own commands, those of the capabilities, and how a command opens its node."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kouprey import __version__
from kouprey.kernel.cli.frame import Group, Invocation, Lazy, build, run
from kouprey.kernel.words.capability import Services
from kouprey.node.capabilities import CAPABILITIES

OWN = (
    Lazy("init", "kouprey.node.commands:init", "Make a node: its keys, its card and its first administrator."),
    Lazy("serve", "kouprey.node.commands:serve", "Run the node until it is interrupted."),
    Lazy("backup", "kouprey.node.care:backup", "Save a node, also while it runs, sealed to a key kept elsewhere."),
    Lazy("doctor", "kouprey.node.care:doctor", "Look whether a node is well, and mend what can be mended."),
    Lazy("restore", "kouprey.node.care:restore", "Make a node out of a backup."),
    Lazy("upgrade", "kouprey.node.operating:upgrade", "Bring the node of an older Kouprey forward, after a backup."),
    Lazy("service", "kouprey.node.operating:service", "Print the systemd unit of a node."),
    Lazy(
        "demo", "kouprey.node.commands:demo", "Three fictional parties live the story of an agreement on this machine."
    ),
)


def kouprey() -> Group:
    """The whole command tree; nothing of a capability is imported before it is called."""
    others = (Lazy(*command) for plate in CAPABILITIES for command in plate.commands)
    return build([*OWN, *others], version=__version__, example="kouprey init /srv/kouprey --party cert.example")


@contextmanager
def open_for(invocation: Invocation) -> Iterator[Services]:
    """The services of the node a command means; afterwards its deeds are delivered and its lanes appended."""
    from kouprey.node.assemble import open_node

    node = open_node(invocation.data_dir())
    # What is loaded by now stays, and what comes in has no cycles: looking for some cost a seventh of an import.
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    try:
        yield node.services
        node.settle()
    finally:
        node.close()


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(kouprey(), sys.argv[1:], opener=open_for))
