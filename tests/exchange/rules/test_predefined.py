"""Extensions of observables that STIX defines: required fields, closed lists, nothing empty."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules.predefined import FILE, NETWORK_TRAFFIC, PROCESS, USER_ACCOUNT

ALL = {**FILE, **NETWORK_TRAFFIC, **PROCESS, **USER_ACCOUNT}
FILE_REF = "file--00000001-1f2e-5a3b-8c4d-5e6f708192a3"


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("ntfs-ext", {"sid": "S-1"}, []),
        ("ntfs-ext", {"other": 1}, [("missing", "")]),
        ("ntfs-ext", {"alternate_data_streams": [{"size": 3}]}, [("missing", "alternate_data_streams.[0].name")]),
        ("raster-image-ext", {"exif_tags": {"Make": "x", "Size": 3}}, []),
        ("raster-image-ext", {"exif_tags": {"make": "x"}}, [("name", "exif_tags.make")]),
        ("pdf-ext", {"document_info_dict": {"Title": 3}}, [("type", "document_info_dict.Title")]),
        ("archive-ext", {"contains_refs": [FILE_REF]}, []),
        ("archive-ext", {"comment": "x"}, [("missing", "contains_refs")]),
        ("windows-pebinary-ext", {"imphash": "x"}, [("missing", "pe_type")]),
        ("windows-pebinary-ext", {"pe_type": "exe", "time_date_stamp": "2026-01-01T00:00:00Z"}, []),
        (
            "windows-pebinary-ext",
            {"pe_type": "exe", "time_date_stamp": "2026-01-01T00:00:00.0Z"},
            [("form", "time_date_stamp")],
        ),
        (
            "windows-pebinary-ext",
            {"pe_type": "exe", "optional_header": {"own": 1, "magic_hex": "00"}},
            [("name", "optional_header.own")],
        ),
        ("windows-pebinary-ext", {"pe_type": "exe", "sections": [{"size": 1}]}, [("missing", "sections.[0].name")]),
        ("http-request-ext", {"request_method": "get"}, [("missing", "request_value")]),
        ("icmp-ext", {"icmp_type_hex": "08"}, [("missing", "icmp_code_hex")]),
        ("socket-ext", {"address_family": "AF_X"}, [("enumeration", "address_family")]),
        ("socket-ext", {"address_family": "AF_INET", "options": {"X": 1}}, [("vocabulary", "options.X")]),
        ("tcp-ext", {"src_flags_hex": "0"}, [("form", "src_flags_hex")]),
        ("tcp-ext", {"x_own": "0"}, [("missing", "")]),
        ("windows-process-ext", {"startup_info": {"lpReserved": "x", "cb": 1}}, [("name", "startup_info.lpReserved")]),
        ("windows-process-ext", {"integrity_level": "top"}, [("enumeration", "integrity_level")]),
        ("windows-service-ext", {"start_type": "x"}, [("enumeration", "start_type")]),
        ("unix-account-ext", {"gid": 1.5}, [("type", "gid")]),
        ("unix-account-ext", {"Gid": 1, "shell": "x"}, [("name", "Gid")]),
    ],
)
def test_extensions(name: str, value: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert [(one.code, one.path) for one in ALL[name](value)] == found
