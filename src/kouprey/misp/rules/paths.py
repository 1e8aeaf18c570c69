"""Object paths of STIX patterns, used both ways: to compare with a value, and to build the observable that has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from kouprey.kernel.words.time import format_instant, parse_instant
from kouprey.misp.rules.reading import keys

Value = str | int | bool
Identify = Callable[[dict[str, Any]], str | None]
"""The id an observable's own properties give it, None when they give none."""

_STEP = re.compile(r"(?:'([^']+)'|([A-Za-z0-9_-]+))(\[\*\])?(?:\.|$)")
_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCC": "HKEY_CURRENT_CONFIG",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKCU": "HKEY_CURRENT_USER",
    "HKU": "HKEY_USERS",
}
_ADDRESSES = frozenset({"resolves_to_refs", "src_ref", "dst_ref"})
_LED_TO = {
    "parent_directory_ref": "directory",
    "image_ref": "file",
    "from_ref": "email-addr",
    "sender_ref": "email-addr",
    "to_refs": "email-addr",
    "cc_refs": "email-addr",
    "bcc_refs": "email-addr",
}
_NEEDED: dict[str, dict[str, Any]] = {"email-message": {"is_multipart": False}, "network-traffic": {"protocols": []}}


class Path(NamedTuple):
    """`text` as a pattern has it, the type it begins at, its steps (name, whether that is a list), and how to read."""

    text: str
    type: str
    steps: tuple[tuple[str, bool], ...]
    read: Callable[[str], Value | None]


def path_of(text: str) -> Path:
    """Read a path of our tables; `ip-addr:value` is that of either kind of address."""
    type_, _, way = text.partition(":")
    steps = tuple((quoted or plain, bool(listed)) for quoted, plain, listed in _STEP.findall(way))
    return Path(text, type_, steps, _READERS.get(text) or _READERS.get(steps[-1][0], str))


def comparison(path: Path, value: Value) -> str:
    """`path = value` as a pattern has it; a network is compared by what lies in it."""
    text = path.text
    if path.type == "ip-addr":
        text = f"{_address_type(str(value))}:value"
        if "/" in str(value):
            return f"{text} ISSUBSET {literal(value)}"
    return f"{text} = {literal(value)}"


def literal(value: Value) -> str:
    """A constant of a pattern (STIX 2.1, 9.1.1): backslashes and quotes are escaped, nothing else is special."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower()


class Observation:
    """One observable and those it refers to, put together value by value."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._led: dict[tuple[str, ...], dict[str, Any]] = {}
        """The observables referred to, by property name and, in lists, by value."""

    def put(self, path: Path, value: Value) -> bool:
        """Set what is at a path; False where something else is there already, or the path leads too far."""
        type_ = _address_type(str(value)) if path.type == "ip-addr" else path.type
        if self._root.setdefault("type", type_) != type_:
            return False
        name, listed = path.steps[0]
        if len(path.steps) == 1:
            return _set(self._root, name, [value] if listed else value)
        if name.endswith(("_ref", "_refs")):
            return self._lead(name, listed, path.steps[1:], value)
        holder = self._root
        for name, listed in path.steps[:-1]:
            if name.endswith(("_ref", "_refs")):
                return False
            if listed:
                holder = holder.setdefault(name, [{}])[0]
            else:
                holder = holder.setdefault(name, {})
        name, listed = path.steps[-1]
        return _set(holder, name, [value] if listed else value)

    def _lead(self, name: str, listed: bool, rest: tuple[tuple[str, bool], ...], value: Value) -> bool:
        if len(rest) != 1:
            return False
        key = (name, str(value)) if listed else (name,)
        type_ = _endpoint_type(str(value)) if name in _ADDRESSES else _LED_TO[name]
        led = self._led.setdefault(key, {"type": type_})
        return led["type"] == type_ and _set(led, rest[0][0], value)

    def finish(self, identify: Identify, spare_id: str) -> list[dict[str, Any]]:
        """The observables, those referred to first; `spare_id` is the UUID of one that gives no id."""
        made = []
        root = self._root
        for (name, *_), led in self._led.items():
            done = _done(led, identify, spare_id)
            made.append(done)
            if name.endswith("_refs"):
                root.setdefault(name, []).append(done["id"])
            else:
                root[name] = done["id"]
        if root["type"] == "software":
            root.setdefault("name", root.get("cpe", ""))
        for name, needed in _NEEDED.get(root["type"], {}).items():
            root.setdefault(name, list(needed) if isinstance(needed, list) else needed)
        if root.get("protocols") == []:
            # Nothing is said of what was spoken; that addresses were is all that is known (6.12 wants the outermost).
            root["protocols"] = ["ipv6" if any(each["type"] == "ipv6-addr" for each in made) else "ipv4"]
        made.append(_done(root, identify, spare_id))
        return made


def _done(value: dict[str, Any], identify: Identify, spare_id: str) -> dict[str, Any]:
    head = {"type": value["type"], "spec_version": "2.1", "id": ""}
    head["id"] = identify(value) or f"{value['type']}--{spare_id}"
    return head | value


def _set(holder: dict[str, Any], name: str, value: Any) -> bool:
    kept = holder.setdefault(name, value)
    if kept is value or kept == value:
        return True
    if isinstance(kept, list) and isinstance(value, list):
        kept += [each for each in value if each not in kept]
        return True
    return False


def _address_type(text: str) -> str:
    return "ipv6-addr" if ":" in text else "ipv4-addr"


def _endpoint_type(text: str) -> str:
    return _address_type(text) if _address(text) is not None else "domain-name"


def _address(text: str) -> str | None:
    try:
        (ip_network(text, strict=False) if "/" in text else ip_address(text))
    except ValueError:
        return None
    return text


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _as_number(text: str) -> int | None:
    return _integer(text.strip().upper().removeprefix("AS").strip())


def _truth(text: str) -> bool | None:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.strip().lower())


def moment(text: str) -> str | None:
    """A date-time of MISP as STIX writes it; without an offset it is taken as UTC."""
    if not text:
        return None
    text = text.strip().replace(" ", "T", 1)
    if len(text) == 10:
        text += "T00:00:00"
    try:
        return format_instant(parse_instant(text if text[-1:] == "Z" or text[-6:-5] in ("+", "-") else text + "Z"))
    except ValueError:
        return None


def _registry_key(text: str) -> str:
    hive, slash, rest = text.partition("\\")
    return _HIVES.get(hive.upper(), hive) + slash + rest


def _mac(text: str) -> str:
    return text.strip().lower().replace("-", ":")


_READERS: dict[str, Callable[[str], Value | None]] = {
    "ip-addr:value": _address,
    "domain-name:resolves_to_refs[*].value": _address,
    "autonomous-system:number": _as_number,
    "windows-registry-key:key": _registry_key,
    "mac-addr:value": _mac,
    "network-traffic:protocols[*]": str.lower,
    **dict.fromkeys(
        keys(
            "size src_port dst_port pid subject_public_key_exponent src_byte_count dst_byte_count src_packets"
            " dst_packets"
        ),
        _integer,
    ),
    **dict.fromkeys(
        keys(
            "ctime mtime atime created_time modified_time validity_not_before validity_not_after date start end"
            " account_created account_expires account_first_login account_last_login credential_last_changed"
        ),
        moment,
    ),
    **dict.fromkeys(
        keys("is_hidden is_self_signed is_service_account is_privileged can_escalate_privs is_disabled"),
        _truth,
    ),
}
