"""The table of attacks is true: each is tried by a test that exists, or says why it is not tried."""

from __future__ import annotations

import ast
from pathlib import Path

from faults.attacks import ATTACKS
from faults.test_hostile import AT_THE_DOOR, OF_MALLORY

TESTS = Path(__file__).parents[1]


def test_every_number_is_there_once() -> None:
    assert [attack.number for attack in ATTACKS] == list(range(87, 111))
    assert all(bool(attack.tests) != bool(attack.missing) for attack in ATTACKS)


def test_every_named_test_is_there() -> None:
    wrong = []
    for attack in ATTACKS:
        for named in attack.tests:
            file, _, name = named.partition("::")
            function, _, row = name.partition("[")
            text = (TESTS / file).read_text()
            functions = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
            if function not in functions or (row and row.rstrip("]") not in {*AT_THE_DOOR, *OF_MALLORY}):
                wrong.append(f"{attack.number}: {named}")
    assert not wrong
