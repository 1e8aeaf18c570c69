"""The attacks on federation, numbered as in the threat list, and the test that tries each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """`tests`: `file::function`, with `[row]` where one row of a table is meant; none where `missing` says why."""

    number: int
    what: str
    expected: str
    tests: tuple[str, ...] = ()
    missing: str = ""


_HOSTILE = "faults/test_hostile.py::"
_DOOR, _ANSWER = _HOSTILE + "test_at_the_door", _HOSTILE + "test_what_mallory_answers"
_LANES, _ADMIT = "faults/test_lane_attacks.py::", "federation/service/test_admit.py::"
_ROTATION = "federation/service/test_rotation.py::"
_PARCELS, _LIFE = "federation/service/test_parcels.py::", "agreements/service/test_life.py::"

ATTACKS: tuple[Attack, ...] = (
    Attack(87, "a signed request again", "replayed", (f"{_DOOR}[replayed request]",)),
    Attack(
        88,
        "a signature that covers only the method",
        "bad-signature",
        (f"{_DOOR}[covers only the method]", f"{_DOOR}[says to cover less]"),
    ),
    Attack(89, "a body swapped under its signature", "bad-signature", (f"{_DOOR}[body swapped]",)),
    Attack(
        90,
        "keys confused: of receipts, of age, of another party, of another lane",
        "unknown-key, no-known-signature, wrong-origin",
        (
            f"{_DOOR}[the receipt key]",
            f"{_DOOR}[the age key]",
            f"{_DOOR}[in the name of another]",
            f"{_ANSWER}[the key of receipts]",
            _LANES + "test_a_lane_of_another_agreement_is_not_taken_for_this_one",
        ),
    ),
    Attack(
        91,
        "another or an unknown algorithm",
        "bad-signature, no-known-signature",
        (f"{_DOOR}[another algorithm]", f"{_DOOR}[no algorithm]", f"{_ANSWER}[an unknown algorithm]"),
    ),
    Attack(
        92,
        "eighteen signature lines, a note of a megabyte",
        "bad-note, too-large, bad-receipt",
        (
            f"{_DOOR}[receipt with eighteen lines]",
            f"{_DOOR}[receipt of a megabyte]",
            f"{_ANSWER}[eighteen signature lines]",
            f"{_ANSWER}[a note of a megabyte]",
        ),
    ),
    Attack(
        93,
        "two histories of one lane",
        "fork; frozen, both kept",
        (
            _HOSTILE + "test_two_histories_freeze_the_lane_and_nothing_else",
            _ADMIT + "test_equivocation_is_found_and_freezes_the_lane_with_evidence",
            "faults/test_simulator.py::test_no_seed_breaks_a_promise",
        ),
    ),
    Attack(
        94,
        "a smaller lane than is held",
        "ignored, the author is told",
        (
            _HOSTILE + "test_a_smaller_lane_is_told_and_changes_nothing",
            _ADMIT + "test_an_older_checkpoint_changes_nothing",
        ),
    ),
    Attack(
        95,
        "a gap, or another order; by parcel, more than is kept before one",
        "gap; nothing stored; throttled",
        (
            "federation/service/test_ahead.py"
            "::test_more_than_is_kept_of_one_author_is_throttled_until_the_gap_is_filled",
            f"{_ANSWER}[a gap]",
            f"{_ANSWER}[entries out of order]",
            _ADMIT + "test_a_gap_is_named_and_order_does_not_matter",
        ),
    ),
    Attack(96, "a parcel for another recipient", "cannot-open", (f"{_DOOR}[parcel for another]",)),
    Attack(
        97,
        "a parcel sealed anew for a third party",
        "not-addressed",
        (_PARCELS + "test_parcels_for_others_by_strangers_and_cut_ones",),
    ),
    Attack(98, "a parcel that names a path", "bad-manifest", (_LANES + "test_a_parcel_cannot_name_a_path",)),
    Attack(
        99,
        "a forged receipt",
        "bad-receipt; no epoch ended",
        (
            f"{_DOOR}[receipt without a word of its own]",
            f"{_DOOR}[receipt in the name of another]",
            "faults/test_simulator.py::test_no_seed_breaks_a_promise",
            _ADMIT + "test_forged_and_foreign_receipts",
        ),
    ),
    Attack(
        100,
        "a receipt for a size never signed",
        "bad-signature, no-known-signature",
        (f"{_DOOR}[receipt for a size never signed]", f"{_DOOR}[receipt over a checkpoint of its own]"),
    ),
    Attack(
        101,
        "a bomb behind a small header, a header that promises two gigabytes, a list of seventy megabytes",
        "too-large; memory flat",
        (
            f"{_ANSWER}[a bomb behind a small header]",
            f"{_ANSWER}[a header that promises two gigabytes]",
            f"{_ANSWER}[a list of seventy megabytes]",
            _HOSTILE + "test_after_all_this_the_node_is_well",
        ),
    ),
    Attack(
        102,
        "an entry above the ceiling from a hostile author",
        "quarantined",
        (_HOSTILE + "test_an_entry_above_the_ceiling_is_quarantined",),
    ),
    Attack(
        103,
        "a suspended peer pulls by an old cursor",
        "suspended",
        (_HOSTILE + "test_a_suspended_peer_gets_nothing_by_an_old_cursor",),
    ),
    Attack(
        104,
        "an amendment signed by one, an old notice again",
        "changes nothing",
        (
            _LIFE + "test_an_amendment_signed_by_one_changes_nothing",
            _LIFE + "test_suspension_holds_at_once_and_an_old_resumption_does_not_undo_it",
        ),
    ),
    Attack(
        105,
        "checkpoints of a revoked key",
        "refused beyond the cut-off; what came before the statement is frozen",
        (
            _ROTATION + "test_a_revoked_key_counts_up_to_its_cut_and_not_beyond",
            _ROTATION + "test_what_a_thief_signed_before_the_statement_came_stops_to_count",
            _ROTATION + "test_only_the_root_key_revokes",
            "federation/service/test_recovery.py::test_what_a_revoked_key_signed_beyond_its_cut_is_not_taken_for_ours",
        ),
    ),
    Attack(
        106,
        "an erasure of what others wrote",
        "cannot be said",
        (
            _LANES + "test_an_erase_entry_reaches_only_into_its_own_lane",
            "federation/wire/test_entry.py::test_an_erase_entry_names_only_what_came_before_it",
        ),
    ),
    Attack(107, "an erased body offered again", "not taken", (_LANES + "test_an_erased_body_is_not_taken_again",)),
    Attack(
        108,
        "a new version of somebody else's object",
        "reserved to its author",
        ("exchange/service/test_intake.py::test_versions_are_reserved_to_the_party_whose_card_lists_the_creator",),
    ),
    Attack(
        109,
        "many sightings to raise a score",
        "one source is one voice",
        (
            "exchange/rules/test_weighing.py::test_a_source_counts_once_with_what_it_says_at_last",
            "exchange/rules/test_weighing.py::test_authors_that_one_source_invents_are_one_voice",
        ),
    ),
    Attack(110, "an indicator that blocks ourselves", "held back", missing="nothing here is made into a blocklist"),
)
