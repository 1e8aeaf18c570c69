"""Values of settings in plain words."""

from __future__ import annotations

from kouprey.node.wording import shown


def test_values_are_said_as_people_say_them() -> None:
    assert shown("body_max", "104857600") == "100 MiB" and shown("page_max", "6000") == "6000"
    assert (shown("reports_form", "true"), shown("oidc_allow_private", "false")) == ("yes", "no")
    assert shown("log_level", "warning") == "what needs a look" and shown("log_level", "loud") == "loud"
    assert shown("url", "https://cert.example") == "https://cert.example" and shown("body_max", "") == ""
