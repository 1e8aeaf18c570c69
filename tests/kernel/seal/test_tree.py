"""Merkle trees agree with the published vectors and with an independent library, and every altered proof is refused."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import ConsistencyProof, InmemoryTree

from kouprey.kernel.seal.tree import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    inclusion_from,
    leaf_hash,
    node_hash,
    root_from,
    verify_consistency,
    verify_inclusion,
)
from kouprey.kernel.words.errors import Damaged

VECTORS = json.loads((Path(__file__).parents[2] / "conformance/rfc6962/eight-leaves.json").read_text())
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
EIGHT = [leaf_hash(bytes.fromhex(data)) for data in VECTORS["leaves"]]


def unhex(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(part) for part in proof]


def leaves_of(count: int, seed: int = 1) -> list[bytes]:
    return [leaf_hash(b"%d/%d" % (seed, index)) for index in range(count)]


def one_bit_changed(proof: list[bytes]) -> Iterator[list[bytes]]:
    for at, part in enumerate(proof):
        for bit in range(256):
            changed = bytearray(part)
            changed[bit >> 3] ^= 1 << (bit & 7)
            yield [*proof[:at], bytes(changed), *proof[at + 1 :]]


def test_the_published_roots() -> None:
    frontier = Frontier()
    assert frontier.root() == ROOTS[0] == EMPTY_ROOT
    for count, leaf in enumerate(EIGHT, 1):
        frontier.append(leaf)
        assert frontier.root() == ROOTS[count] == Tree(EIGHT).root(count)
    assert VECTORS["roots"][8] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_the_published_inclusion_proofs() -> None:
    for case in VECTORS["inclusion"]:
        index, size, proof = case["index"], case["size"], unhex(case["proof"])
        assert Tree(EIGHT).inclusion_proof(index, size) == proof
        assert verify_inclusion(EIGHT[index], index, size, proof, ROOTS[size])


def test_the_published_consistency_proofs() -> None:
    for case in VECTORS["consistency"]:
        old, new, proof = case["old"], case["new"], unhex(case["proof"])
        assert Tree(EIGHT).consistency_proof(old, new) == proof
        assert verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)


def as_rfc6962(proof: ConsistencyProof) -> list[bytes]:
    """The library's path goes down to the first new leaf, where RFC 6962 stops at the subtree that begins with it."""
    if proof.prior_size == proof.size:
        return []
    last_old = proof.subset.index(1)
    first_new = proof.path[0]
    for right, sibling in zip(proof.rule, proof.path[1:last_old], strict=False):
        first_new = node_hash(sibling, first_new) if right else node_hash(first_new, sibling)
    path = [first_new, *proof.path[last_old + 1 :]]
    return path if proof.prior_size & (proof.prior_size - 1) == 0 else [proof.path[last_old], *path]


def altered_proofs(proof: list[bytes], dice: random.Random) -> Iterator[list[bytes]]:
    if proof:
        yield proof[:-1]
        yield proof[1:]
        yield [proof[0], *proof]
        at = dice.randrange(len(proof))
        changed = int.from_bytes(proof[at]) ^ 1 << dice.randrange(256)
        yield [*proof[:at], changed.to_bytes(32), *proof[at + 1 :]]


def equal_to_pymerkle(rounds: int) -> None:
    dice = random.Random(6962)
    for _ in range(rounds):
        data = [dice.randbytes(dice.randrange(40)) for _ in range(dice.randint(1, 70))]
        size = len(data)
        index, old = dice.randrange(size), dice.randint(1, size)
        oracle = InmemoryTree(algorithm="sha256")
        oracle.append_entries(data)
        tree = Tree(map(leaf_hash, data))
        root, old_root = tree.root(), tree.root(old)
        assert root == oracle.get_root()
        assert old_root == oracle.get_root(old)

        included = tree.inclusion_proof(index)
        assert included == oracle.prove_inclusion(index + 1).path[1:]
        assert verify_inclusion(leaf_hash(data[index]), index, size, included, root)

        consistent = tree.consistency_proof(old)
        assert consistent == as_rfc6962(oracle.prove_consistency(old))
        assert verify_consistency(old, size, old_root, root, consistent)

        frontier = Frontier()
        frontier.extend(map(leaf_hash, data[:old]))
        assert root_from(frontier, map(leaf_hash, data[old:])) == root

        altered = *altered_proofs(included, dice), [*included, root]
        assert not any(verify_inclusion(leaf_hash(data[index]), index, size, bad, root) for bad in altered)
        altered = *altered_proofs(consistent, dice), [*consistent, root]
        assert not any(verify_consistency(old, size, old_root, root, bad) for bad in altered)


def test_a_thousand_random_trees_equal_pymerkle() -> None:
    equal_to_pymerkle(1000)


@pytest.mark.long
def test_ten_thousand_random_trees_equal_pymerkle() -> None:
    equal_to_pymerkle(10_000)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 33])
def test_every_bit_of_every_proof_of_sampled_trees(size: int) -> None:
    leaves = leaves_of(size)
    tree = Tree(leaves)
    root = tree.root()
    for index in range(0, size, 3):
        proof = tree.inclusion_proof(index)
        assert not any(verify_inclusion(leaves[index], index, size, bad, root) for bad in one_bit_changed(proof))
    for old in range(1, size, 3):
        proof, old_root = tree.consistency_proof(old), tree.root(old)
        assert not any(verify_consistency(old, size, old_root, root, bad) for bad in one_bit_changed(proof))


def test_a_proof_proves_no_other_index_size_leaf_or_root() -> None:
    for size in range(1, 40):
        leaves = leaves_of(size)
        tree = Tree(leaves)
        root = tree.root()
        for index in range(size):
            proof = tree.inclusion_proof(index)
            for other in range(-1, size + 2):
                assert verify_inclusion(leaves[index], other, size, proof, root) is (other == index)
            assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
            assert not verify_inclusion(leaves[index], index, size, proof, leaf_hash(b"other"))
            assert not verify_inclusion(leaves[index][:31], index, size, proof, root)


def test_a_consistency_proof_proves_no_other_pair() -> None:
    tree = Tree(leaves_of(40))
    roots = [tree.root(size) for size in range(41)]
    for old in range(41):
        for new in range(old, 41):
            proof = tree.consistency_proof(old, new)
            assert verify_consistency(old, new, roots[old], roots[new], proof)
            other = leaf_hash(b"other")
            assert not verify_consistency(old, new, other, roots[new], proof)
            assert old == 0 < new or not verify_consistency(old, new, roots[old], other, proof)
            assert not verify_consistency(new + 1, old, roots[new], roots[old], proof)
            assert not verify_consistency(old, new, roots[old], roots[new], [*proof, other])
            assert old in (0, new) or not verify_consistency(old, new, roots[old], roots[new], [])
    assert not verify_consistency(0, 0, EMPTY_ROOT, roots[1], [])
    assert not verify_consistency(-1, 4, roots[1], roots[4], [])


@given(st.integers(0, 700), st.integers(0, 700), st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_frontier_however_it_grew(first: int, second: int, one_by_one: bool) -> None:
    leaves = leaves_of(first + second)
    frontier = Frontier()
    frontier.extend(leaves[:first])
    before = frontier.copy()
    stored = Frontier.from_bytes(first, frontier.to_bytes())
    if one_by_one:
        for leaf in leaves[first:]:
            frontier.append(leaf)
    else:
        frontier.extend(leaves[first:])
    stored.extend(leaves[first:])
    assert frontier.size == stored.size == first + second
    assert frontier.hashes == stored.hashes
    assert frontier.root() == stored.root() == Tree(leaves).root() == root_from(before, leaves[first:])
    assert before.size == first


@given(st.integers(-1, 2**64), st.binary(max_size=400))
def test_a_frontier_is_read_only_when_its_length_fits(size: int, data: bytes) -> None:
    if 0 <= size < 2**63 and len(data) == 32 * size.bit_count():
        assert Frontier.from_bytes(size, data).to_bytes() == data
    else:
        with pytest.raises(Damaged):
            Frontier.from_bytes(size, data)


def test_data_in_place_of_a_leaf_hash_is_noticed_and_nothing_changes() -> None:
    frontier = Frontier()
    frontier.extend(leaves_of(5))
    root = frontier.root()
    with pytest.raises(ValueError, match="leaf_hash"):
        frontier.append(b"a header of another length")
    with pytest.raises(ValueError, match="leaf_hash"):
        frontier.extend([*leaves_of(3), b"short"])
    with pytest.raises(ValueError, match="leaf_hash"):
        Tree([b"short"])
    assert (frontier.size, frontier.root()) == (5, root)


def test_a_tree_over_a_reader_reads_full_tiles_once() -> None:
    size = 256 * 256 + 700
    leaves = [index.to_bytes(32) for index in range(size)]
    asked: list[int] = []

    def read(start: int, stop: int) -> list[bytes]:
        asked.append(stop - start)
        return leaves[start:stop]

    tree = Tree(read)
    frontier = Frontier()
    frontier.extend(leaves)
    assert tree.root(size) == frontier.root()
    assert sum(asked) == size
    asked.clear()
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        assert verify_inclusion(leaves[index], index, size, tree.inclusion_proof(index, size), frontier.root())
    proof = tree.consistency_proof(65_900, size)
    assert verify_consistency(65_900, size, tree.root(65_900), frontier.root(), proof)
    assert sum(asked) < 6 * 512 + 4 * 256
    with pytest.raises(TypeError):
        tree.append(leaves[0])
    with pytest.raises(TypeError):
        tree.root()


def test_a_reader_that_lost_leaves_is_damaged_not_believed() -> None:
    tree = Tree(lambda start, stop: leaves_of(3)[start:stop])
    with pytest.raises(Damaged) as refused:
        tree.root(4)
    assert refused.value.code == "missing-leaves"


def test_a_tree_in_memory_grows_and_old_roots_stay() -> None:
    tree = Tree()
    leaves = leaves_of(600)
    roots = []
    for leaf in leaves:
        tree.append(leaf)
        roots.append(tree.root())
    assert tree.size == 600
    assert roots == [Tree(leaves).root(size) for size in range(1, 601)]
    for call in (lambda: tree.root(601), lambda: tree.inclusion_proof(600), lambda: tree.consistency_proof(5, 4)):
        with pytest.raises(ValueError, match="no "):
            call()


def test_hashes_are_domain_separated() -> None:
    left, right = leaves_of(2)
    assert node_hash(left, right) != leaf_hash(left + right)
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()


def test_the_module_loads_no_crypto_library() -> None:
    code = "import sys, kouprey.kernel.seal.tree; print([m for m in sys.modules if m.split('.')[0] in %r])"
    names = ("cryptography", "pyrage", "http_message_signatures")
    done = subprocess.run([sys.executable, "-c", code % (names,)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_inclusion_proof_needs_nothing_left_of_its_leaf() -> None:
    for size in (1, 2, 3, 7, 8, 9, 64, 100, 255):
        leaves = leaves_of(size)
        for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
            frontier = Frontier()
            frontier.extend(leaves[:index])
            assert inclusion_from(frontier, leaves[index:]) == Tree(leaves).inclusion_proof(index)
