"""How the hashes of each algorithm are written, to catch values cut short or put under the wrong name."""

from __future__ import annotations

import re
from typing import NamedTuple


class HashForm(NamedTuple):
    """An algorithm and the form of its values."""

    name: str
    values: re.Pattern[str]


_DIGITS = {
    "MD5": (32,),
    "MD6": (32, 40, 56, 64, 96, 128),
    "RIPEMD-160": (40,),
    "SHA-1": (40,),
    "SHA-224": (56,),
    "SHA-256": (64,),
    "SHA-384": (96,),
    "SHA-512": (128,),
    "SHA3-224": (56,),
    "SHA3-256": (64,),
    "SHA3-384": (96,),
    "SHA3-512": (128,),
    "WHIRLPOOL": (128,),
}
_FORMS = {
    **{name: "|".join(f"[0-9A-Fa-f]{{{length}}}" for length in lengths) for name, lengths in _DIGITS.items()},
    "SSDEEP": r"[A-Za-z0-9/+:.]{1,128}",
}
_BY_LETTERS = {name.replace("-", ""): HashForm(name, re.compile(form)) for name, form in _FORMS.items()}


def find_hash_form(name: str) -> HashForm | None:
    """The form for an algorithm by its name in any case, with or without hyphens; None for an unknown one."""
    return _BY_LETTERS.get(name.upper().replace("-", "").replace("'", ""))
