"""Structs that several threads use for the first time together: learnt before, none of them kills the interpreter."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from kouprey.kernel.words.priming import prime

ROUNDS = """
import sys, threading
import msgspec
from kouprey.kernel.words.priming import prime

sys.setswitchinterval(1e-6)
for each in range(200):
    text = "".join(
        f"class N{each}_{n}(msgspec.Struct):\\n" + "".join(f"    f{i}: 'list[int] | None' = None\\n" for i in range(8))
        for n in range(12)
    )
    text += f"class A{each}(msgspec.Struct):\\n" + "".join(f"    g{n}: 'N{each}_{n}'\\n" for n in range(12))
    exec(text)
    kind = globals()[f"A{each}"]
    value = {f"g{n}": {"f1": [1]} for n in range(12)}
    if sys.argv[1] == "primed":
        prime()
    together = threading.Barrier(6)

    def use():
        together.wait()
        msgspec.convert(value, kind)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("alive")
"""


def first_used_together(how: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", ROUNDS, how]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def test_what_was_learnt_before_is_used_by_many_at_once() -> None:
    ran = first_used_together("primed")
    assert (ran.returncode, ran.stdout) == (0, "alive\n"), ran.stderr[-2000:]


@pytest.mark.long
def test_what_was_not_learnt_kills_the_interpreter() -> None:
    """When this lives, msgspec does without our care: take `prime` away."""
    assert first_used_together("unprimed").returncode < 0


def test_each_struct_is_learnt_once_and_what_nothing_reads_is_passed_over() -> None:
    prime()
    plain = msgspec.defstruct("Plain", [("number", int)])
    other = msgspec.defstruct("Other", [("held", list[plain])])  # type: ignore[valid-type]  # made at run time
    # Which of the two a value would be nobody can tell, so nothing reads it.
    msgspec.defstruct("Never", [("either", plain | other)])
    assert prime() == 3
    assert prime() == 0
    assert msgspec.convert({"held": [{"number": 3}]}, other) == other([plain(3)])
