"""What was made harmless, marked up or broken into lines is undone, in whatever way people did it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire.texts import find_candidates
from kouprey.exchange.wire.texts.undo import undone

VALUES = {
    "url": "https://bad-host.kh/gate.php?id=7",
    "domain-name": "www.bad-host.kh",
    "ipv4-addr": "45.77.12.9",
    "ipv4-net": "45.77.0.0/16",
    "ipv6-addr": "2a06:e480::7",
    "email-addr": "bob@bad-host.kh",
    "md5": "0123456789abcdef0123456789abcdef",
    "sha1": "0123456789abcdef0123456789abcdef01234567",
    "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "mac-addr": "00:11:22:33:44:55",
    "cve": "CVE-2026-12345",
    "as-number": "AS13335",
    "registry-key": "hkey_local_machine\\software\\microsoft\\windows nt\\run\\evil",
}
DOTS = ("[.]", "(.)", "{.}", "[dot]", "(dot)", " [.] ", "[.", "\\.", " dot ", "<.>", "[[.]]", "[ . ]")
ATS = ("[at]", "(at)", "[@]", " [at] ", "{at}")
SCHEMES = ("hxxp", "hXXp", "h**p", "htxp")


def found(text: str) -> list[tuple[str, str]]:
    return [(each.observable.kind, each.observable.text) for each in find_candidates(text).candidates]


@settings(deadline=None)
@given(st.sampled_from(sorted(VALUES)), st.data())
def test_what_was_made_harmless_is_found_as_it_was(kind: str, data: st.DataObject) -> None:
    value = VALUES[kind]
    written = value
    if kind in ("url", "domain-name", "ipv4-addr", "email-addr"):
        name, stroke, path = written.replace("://", "\0").partition("/")
        for _ in range(name.count(".")):
            name = name.replace(".", data.draw(st.sampled_from((".", *DOTS))).replace(".", "\1"), 1)
        written = (name + stroke + path).replace("\0", data.draw(st.sampled_from(("://", "[://]", "[:]//"))))
        written = written.replace("\1", ".").replace("@", data.draw(st.sampled_from(("@", *ATS))))
        written = written.replace("http", data.draw(st.sampled_from(("http", *SCHEMES))))
    before, after = data.draw(
        st.sampled_from([("", ""), ("see ", "."), ("(", ")"), ('"', '",'), ("<", ">"), ("*", "*")])
    )
    assert found(before + written + after) == [(kind, value)], before + written + after


def test_a_report_as_people_write_it() -> None:
    text = (
        "From: Ann <ann@cert.kh>\nSee hxxp://Bad(.)top:8080/a, then [click](http://md.ru/path_(x)) and\n"
        "<http://wrap.ru/long\n  path>. Ask bob at bad dot biz; \u201cquoted.de\u201d, http:\\/\\/json.io\\/a\n"
        '<p>Go <a href="https://html.cc/?a=1&amp;b=2">here</a> ev<b>il.ht</b>ml.site</p> e.g. this, i.e. std::string\n'
        "https://a.ru,https://b.ru C:\\Users\\x\\evil.exe update[.]zip 12:30:45 x.y.z"
    )
    assert [value for _, value in found(text)] == [
        "ann@cert.kh",
        "http://bad.top:8080/a",
        "http://md.ru/path_(x)",
        "http://wrap.ru/longpath",
        "bob@bad.biz",
        "quoted.de",
        "http://json.io/a",
        "https://html.cc/?a=1&b=2",
        "evil.html.site",
        "https://a.ru/",
        "https://b.ru/",
        "evil.exe",
        "update.zip",
    ]


def test_a_mail_in_quoted_printable_is_decoded() -> None:
    mail = "Content-Transfer-Encoding: quoted-printable\n\nhttps://a.kh/x=\nyz?id=3D7"
    assert undone(mail).text.endswith("https://a.kh/xyz?id=7")
    assert undone("a=\nb=3D").text == "a=\nb=3D"
