"""The extensions of observables that STIX 2.1 itself defines, section 6, as tables."""

from __future__ import annotations

import re
from typing import Any

from kouprey.exchange.rules import vocabularies as words
from kouprey.exchange.rules.forms import hashes, hexadecimal, identifier, is_timestamp
from kouprey.exchange.rules.properties import property_name, texts
from kouprey.exchange.rules.shapes import (
    FINE,
    MOST,
    Check,
    Findings,
    Rule,
    any_of,
    at,
    boolean,
    dictionary,
    each,
    enumeration,
    finding,
    integer,
    list_of,
    number,
    record,
    text,
    vocabulary,
)

KEY = re.compile("[a-zA-Z0-9_-]{1,250}").fullmatch
KEYS = "1 to 250 letters, digits, hyphens and underscores"
hash_values = hashes()
_HEX: Check = hexadecimal
_COUNT = integer(0)
_NUMBER = integer()


def extension(section: str, properties: dict[str, Check], required: tuple[str, ...] = (), *rules: Rule) -> Check:
    return record(properties, required, *rules, section=section, other=property_name)


def at_least_one(section: str, properties: dict[str, Check], *without: str) -> Check:
    """An extension that says something: at least one of its properties."""
    names = tuple(name for name in properties if name not in without)
    return extension(section, properties, (), any_of(*names, section=section))


_TO_THE_SECOND = finding("form", "It must be a timestamp in whole seconds.", "6.7.6")


def _second(value: Any) -> Findings:
    if type(value) is not str:
        return text(value)
    return FINE if len(value) == 20 and is_timestamp(value) else _TO_THE_SECOND


_EXIF = re.compile("[A-Z][a-zA-Z0-9_-]+").fullmatch


def _text_or_number(value: Any) -> Findings:
    return FINE if type(value) is str else _NUMBER(value)


_OPTIONAL_HEADER: dict[str, Check] = {
    **each(
        "magic_hex win32_version_value_hex checksum_hex subsystem_hex dll_characteristics_hex loader_flags_hex", _HEX
    ),
    **each(
        "major_linker_version minor_linker_version address_of_entry_point base_of_code base_of_data image_base "
        "section_alignment file_alignment major_os_version minor_os_version major_image_version minor_image_version "
        "major_subsystem_version minor_subsystem_version number_of_rva_and_sizes",
        _NUMBER,
    ),
    **each(
        "size_of_code size_of_initialized_data size_of_uninitialized_data size_of_image size_of_headers "
        "size_of_stack_reserve size_of_stack_commit size_of_heap_reserve size_of_heap_commit",
        _COUNT,
    ),
    "hashes": hash_values,
}
_UNKNOWN_HEADER = finding("name", "The optional header has no such field.", "6.7.6.2")


def _no_other(name: str, value: Any) -> Findings:
    return at(name, _UNKNOWN_HEADER)


RASTER_IMAGE: dict[str, Check] = {
    **each("image_height image_width bits_per_pixel", _NUMBER),
    "exif_tags": dictionary(_text_or_number, name=_EXIF, names="an EXIF tag name", section="6.7.5"),
}
FILE: dict[str, Check] = {
    "ntfs-ext": at_least_one(
        "6.7.3",
        {
            "sid": text,
            "alternate_data_streams": list_of(
                record({"name": text, "hashes": hash_values, "size": _COUNT}, ("name",), section="6.7.3.2")
            ),
        },
    ),
    "raster-image-ext": at_least_one("6.7.5", RASTER_IMAGE),
    "pdf-ext": at_least_one(
        "6.7.4",
        {
            "version": text,
            "is_optimized": boolean,
            "document_info_dict": dictionary(text, name=KEY, names=KEYS, section="6.7.4"),
            "pdfid0": text,
            "pdfid1": text,
        },
    ),
    "archive-ext": extension(
        "6.7.2",
        {"contains_refs": list_of(identifier("file", "directory", section="6.7.2")), "comment": text},
        ("contains_refs",),
    ),
    "windows-pebinary-ext": extension(
        "6.7.6",
        {
            "pe_type": vocabulary("windows-pebinary-type-ov", words.WINDOWS_PEBINARY_TYPE, "10.28"),
            "imphash": text,
            **each("machine_hex pointer_to_symbol_table_hex characteristics_hex", _HEX),
            **each("number_of_sections number_of_symbols size_of_optional_header", _COUNT),
            "time_date_stamp": _second,
            "file_header_hashes": hash_values,
            "optional_header": record(
                _OPTIONAL_HEADER, (), any_of(*_OPTIONAL_HEADER, section="6.7.6.2"), section="6.7.6.2", other=_no_other
            ),
            "sections": list_of(
                record(
                    {"name": text, "size": _COUNT, "entropy": number(), "hashes": hash_values},
                    ("name",),
                    section="6.7.6.3",
                )
            ),
        },
        ("pe_type",),
    ),
}

_OPTION = re.compile("(?:SO|ICMP|ICMP6|IP|IPV6|MCAST|TCP|IRLMP)(?:_[A-Z0-9]+)+").fullmatch
_UNKNOWN_OPTION = finding("vocabulary", "A key should be the name of a socket option.", "6.12.4", severity="should")
_options = dictionary(_NUMBER, name=KEY, names=KEYS, section="6.12.4")


def _socket_options(value: Any) -> Findings:
    if said := _options(value):
        return said
    unknown = [name for name in value if _OPTION(name) is None]
    return tuple([one for name in unknown[:MOST] for one in at(name, _UNKNOWN_OPTION)]) if unknown else FINE


HTTP_REQUEST: dict[str, Check] = {
    **each("request_method request_value request_version", text),
    "request_header": dictionary(texts, name=KEY, names=KEYS, section="6.12.2"),
    "message_body_length": _NUMBER,
    "message_body_data_ref": identifier("artifact", section="6.12.2"),
}
SOCKET: dict[str, Check] = {
    "address_family": enumeration(words.NETWORK_SOCKET_ADDRESS_FAMILY, "10.16"),
    "is_blocking": boolean,
    "is_listening": boolean,
    "options": _socket_options,
    "socket_type": enumeration(words.NETWORK_SOCKET_TYPE, "10.17"),
    "socket_descriptor": _COUNT,
    "socket_handle": _NUMBER,
}
NETWORK_TRAFFIC: dict[str, Check] = {
    "http-request-ext": extension("6.12.2", HTTP_REQUEST, ("request_method", "request_value")),
    "icmp-ext": extension("6.12.3", each("icmp_type_hex icmp_code_hex", _HEX), ("icmp_type_hex", "icmp_code_hex")),
    "socket-ext": extension("6.12.4", SOCKET, ("address_family",)),
    "tcp-ext": at_least_one("6.12.5", each("src_flags_hex dst_flags_hex", _HEX)),
}

_STARTUP_INFO: dict[str, Check] = {
    **each("lpDesktop lpTitle dwFillAttribute dwFlags wShowWindow hStdInput hStdOutput hStdError", text),
    **each("cb dwX dwY dwXSize dwYSize dwXCountChars dwYCountChars", _NUMBER),
    "cbReserved2": integer(0, 0, section="6.13.2"),
}
_NO_STARTUP = finding("name", "STARTUP_INFO has no such field, or it is reserved and must be left out.", "6.13.2")


def _no_startup(name: str, value: Any) -> Findings:
    return at(name, _NO_STARTUP)


PROCESS: dict[str, Check] = {
    "windows-process-ext": at_least_one(
        "6.13.2",
        {
            "aslr_enabled": boolean,
            "dep_enabled": boolean,
            "priority": text,
            "owner_sid": text,
            "window_title": text,
            "startup_info": record(
                _STARTUP_INFO, (), any_of(*_STARTUP_INFO, section="6.13.2"), section="6.13.2", other=_no_startup
            ),
            "integrity_level": enumeration(words.WINDOWS_INTEGRITY_LEVEL, "10.27"),
        },
    ),
    "windows-service-ext": at_least_one(
        "6.13.3",
        {
            **each("service_name display_name group_name", text),
            "descriptions": texts,
            "start_type": enumeration(words.WINDOWS_SERVICE_START_TYPE, "10.30"),
            "service_dll_refs": list_of(identifier("file", section="6.13.3")),
            "service_type": enumeration(words.WINDOWS_SERVICE_TYPE, "10.31"),
            "service_status": enumeration(words.WINDOWS_SERVICE_STATUS, "10.32"),
        },
    ),
}

USER_ACCOUNT: dict[str, Check] = {
    "unix-account-ext": at_least_one("6.16.2", {"gid": _NUMBER, "groups": texts, "home_dir": text, "shell": text}),
}
