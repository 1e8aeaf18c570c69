"""Framework files of our own making for tests."""

from __future__ import annotations

from typing import Any

from kouprey.readiness.model import Framework
from kouprey.readiness.wire.framework import read_framework

HEAD = """
schema = "kouprey.readiness/1"
id = "small"
title = "Small"
version = "1"
source = "Ours"
retrieved = 2026-11-22
rights = "own"
"""
GROUPS = '[[group]]\nid = "a"\ntitle = "A"\nmax = 10\n[[group]]\nid = "b"\ntitle = "B"\nmax = 10\n'


def small(aggregate: str = "points", body: str = "", **head: Any) -> Framework:
    """A framework of two groups, with what else `body` says."""
    more = "".join(f"{key} = {value}\n" for key, value in head.items())
    return read_framework("small", f'{HEAD}aggregate = "{aggregate}"\n{more}{GROUPS}{body}')


def indicator(name: str, group: str, most: float, **more: Any) -> str:
    """The lines of one."""
    rest = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'[[indicator]]\nid = "{name}"\ngroup = "{group}"\ntitle = "{name.upper()}"\nmax = {most}\n{rest}'


def threshold(name: str, at: float, levels: str = "") -> str:
    """The lines of one."""
    return f'[[threshold]]\nid = "{name}"\ntitle = "{name}"\nat = {at}\n' + (f"levels = {levels}\n" if levels else "")


def measure(name: str, gives: str, days: float, **more: Any) -> str:
    """The lines of one."""
    rest = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'[[measure]]\nid = "{name}"\ntitle = "{name}"\ngives = ["{gives}"]\neffort_days = {days}\n{rest}'
