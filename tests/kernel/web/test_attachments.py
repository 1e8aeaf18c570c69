"""Attachments: saved under their name, never shown."""

from __future__ import annotations

from kouprey.kernel.web.attachments import attachment


def test_a_name_in_any_script_is_saved_and_no_type_is_told() -> None:
    answer = attachment('របាយការណ៍ "1".html', 3, iter([b"abc"]))
    said = answer.headers
    assert said["content-disposition"].startswith("attachment; filename*=UTF-8''%E1%9E")
    assert '"' not in said["content-disposition"]
    assert (said["content-type"], said["content-length"], said["x-content-type-options"]) == (
        "application/octet-stream",
        "3",
        "nosniff",
    )
