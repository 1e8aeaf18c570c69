"""The public lists are there, read once, and hold what they are for."""

from __future__ import annotations

import subprocess
import sys

from kouprey.protect.wire import lists


def test_each_list_is_in_the_package_and_named_once() -> None:
    assert len({*lists.NEVER, *lists.WARNED}) == len(lists.NEVER) + len(lists.WARNED)
    assert lists.never() is lists.never() and lists.warned() is lists.warned()
    assert lists.never().names.meets("co.uk") is not None and lists.warned().names.meets("facebook.com") is not None


def test_nobody_reads_them_who_makes_no_shield() -> None:
    code = "import kouprey.protect.service, sys; sys.exit('pymispwarninglists' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
