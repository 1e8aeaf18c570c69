"""Sigma rules (SigmaHQ sigma-specification 2) read by pySigma into trees of our own.

Rules for Windows pass the pipelines of Sysmon and of the log sources of Windows, which say in which channel, and under
which number of the event, what they ask for stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from kouprey.hunt.model import All, Kind, Leaf, Node, Not, Probe, Rule, Some
from kouprey.kernel.words.errors import Damaged, TooLarge

LARGEST = 1 << 20
"""Bytes of a file of rules."""
MOST_LEAVES = 20_000
_DEEPEST = 200


def read_rules(text: str) -> list[Rule]:
    """The rules of a file, one that cannot be run with its `problem`; Damaged (`bad-rule`) for no Sigma at all."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise TooLarge("The file of rules is too large.", f"At most {LARGEST:,} bytes.", code="too-large")
    # Imported when somebody brings rules: an extra, and slow to load.
    from sigma.collection import SigmaCollection

    try:
        # An alias makes a little text a great deal of rules; no rule needs one.
        if re.search(r"(?m)^\s*[^#'\"]*[:\-]\s+[&*]\w", text):
            raise ValueError("it has anchors or aliases")
        found = [_rule(read, text, place) for place, read in enumerate(SigmaCollection.from_yaml(text).rules)]
    except Damaged:
        raise
    except Exception as error:
        # pySigma and the reader of YAML below it raise whatever a strange file leads them to.
        raise Damaged(
            "This is no Sigma rule.",
            f"{type(error).__name__}: {error}"[:300],
            "Look at the line it names; the format is that of sigma-specification 2.",
            code="bad-rule",
        ) from None
    if not found:
        raise Damaged("There is no rule in it.", remedy="Bring a file of Sigma rules.", code="bad-rule")
    return found


def _rule(read: Any, text: str, place: int) -> Rule:
    logsource = getattr(read, "logsource", None)
    product = str(getattr(logsource, "product", None) or "")
    trees: tuple[Node, ...] = ()
    problem = ""
    try:
        trees = tuple(_trees(read, product))
    except Exception as error:
        # As above: what cannot be made into a tree is said, and the rule is kept. A ValueError is a sentence of ours.
        problem = (str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}")[:300]
    return Rule(
        digest=sha256(f"{text}\n{place}".encode() if place else text.encode()).hexdigest(),
        id=str(getattr(read, "id", "") or ""),
        title=str(read.title or "")[:300],
        level=str(getattr(read, "level", None) or "").lower(),
        product=product,
        text=text,
        trees=trees,
        problem=problem,
    )


def _trees(read: Any, product: str) -> Iterator[Node]:
    if product == "windows":
        from sigma.pipelines.sysmon.sysmon import sysmon_pipeline
        from sigma.pipelines.windows.windows import windows_logsource_pipeline

        (sysmon_pipeline() + windows_logsource_pipeline()).apply(read)
    for condition in read.detection.parsed_condition:
        count = [0]
        yield _node(condition.parsed, count, 0)


def _node(found: Any, count: list[int], deep: int) -> Node:
    from sigma.conditions import (
        ConditionAND,
        ConditionFieldEqualsValueExpression,
        ConditionNOT,
        ConditionOR,
        ConditionValueExpression,
    )
    from sigma.types import SigmaExpansion

    count[0] += 1
    if count[0] > MOST_LEAVES or deep > _DEEPEST:
        raise ValueError("it is too large")
    if isinstance(found, ConditionAND):
        return All(parts=tuple(_node(each, count, deep + 1) for each in found.args))
    if isinstance(found, ConditionOR):
        return Some(parts=tuple(_node(each, count, deep + 1) for each in found.args))
    if isinstance(found, ConditionNOT):
        return Not(part=_node(found.args[0], count, deep + 1))
    if isinstance(found, ConditionFieldEqualsValueExpression):
        if isinstance(found.value, SigmaExpansion):
            return Some(parts=tuple(Leaf(field=found.field, test=_test(each)) for each in found.value.values))
        return Leaf(field=found.field, test=_test(found.value))
    if isinstance(found, ConditionValueExpression):
        raise ValueError("it looks for a word in any field, and this node looks in named fields alone")
    raise ValueError(f"this node cannot ask for a {type(found).__name__}")


def _test(value: Any) -> Probe:
    from sigma import types

    match value:
        case types.SigmaString():
            return _string(value, isinstance(value, types.SigmaCasedString))
        case types.SigmaNumber():
            return Probe(kind=Kind.EQUALS, text=str(value.number))
        case types.SigmaBool():
            return Probe(kind=Kind.EQUALS, text=str(value.boolean).lower())
        case types.SigmaRegularExpression():
            pattern = str(value.regexp)
            re.compile(pattern)
            folds = any("IGNORECASE" in str(flag) for flag in (value.flags or ()))
            return Probe(kind=Kind.REGEX, text=pattern, flag="i" if folds else "")
        case types.SigmaNull():
            return Probe(kind=Kind.NULL)
        case types.SigmaExists():
            return Probe(kind=Kind.EXISTS, flag="" if value else "no")
        case types.SigmaCIDRExpression():
            return Probe(kind=Kind.NETWORK, text=str(value.network))
        case types.SigmaFieldReference():
            return Probe(kind=Kind.FIELD, text=value.field)
        case types.SigmaCompareExpression():
            return Probe(kind=Kind.COMPARE, text=str(float(value.number.number)), flag=value.op.name)
    raise ValueError(f"this node cannot ask for a {type(value).__name__}")


def _string(value: Any, cased: bool) -> Probe:
    """A text with or without wildcards: what can be looked up plainly is."""
    from sigma.types import Placeholder, SpecialChars

    if any(isinstance(part, Placeholder) for part in value.s):
        raise ValueError("it has a placeholder that nobody fills in")
    parts = [
        ("*" if part == SpecialChars.WILDCARD_MULTI else "?", True)
        if isinstance(part, SpecialChars)
        else (str(part) if cased else str(part).lower(), False)
        for part in value.s
    ]
    plain = [part for part, wild in parts if not wild]
    if not any(wild for _, wild in parts):
        return Probe(kind=Kind.EQUALS, text="".join(plain), cased=cased)
    if not plain:
        return Probe(kind=Kind.ANY)
    if len(plain) == 1 and all(part == "*" for part, wild in parts if wild):
        first, last = parts[0][1], parts[-1][1]
        kind = Kind.CONTAINS if first and last else Kind.ENDS if first else Kind.STARTS
        return Probe(kind=kind, text=plain[0], cased=cased)
    ways = {"*": ".*", "?": "."}
    pattern = "".join(ways[part] if wild else re.escape(part) for part, wild in parts)
    return Probe(kind=Kind.LIKE, text=rf"\A{pattern}\Z", literal=max(plain, key=len), cased=cased)
