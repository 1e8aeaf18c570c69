"""Traffic Light Protocol 2.0 (FIRST, August 2022) and Permissible Actions Protocol, as ordered levels."""

from __future__ import annotations

from enum import IntEnum


class TLP(IntEnum):
    """Who may receive it; a higher level reaches fewer people."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def text(self) -> str:
        """The level as it is written beside content: `TLP:AMBER+STRICT`."""
        return "TLP:" + self.name.replace("_", "+")

    @property
    def word(self) -> str:
        """The short lower-case form of commands and documents: `amber+strict`."""
        return self.name.lower().replace("_", "+")


class PAP(IntEnum):
    """What the receiver may do with it; a higher level allows less."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    RED = 3

    @property
    def text(self) -> str:
        return "PAP:" + self.name

    @property
    def word(self) -> str:
        return self.name.lower()


def parse_tlp(text: str) -> TLP:
    """Read any usual spelling (`TLP:AMBER+STRICT`, `amber-strict`, TLP 1 `white`); raises ValueError."""
    word = text.strip().lower().removeprefix("tlp:").strip().replace("+", "_").replace("-", "_")
    if word == "white":
        return TLP.CLEAR
    try:
        return TLP[word.upper()]
    except KeyError:
        raise ValueError(f"not a TLP level: {text[:40]!r} (clear, green, amber, amber+strict, red)") from None


def parse_pap(text: str) -> PAP:
    """Read any usual spelling (`PAP:AMBER`, `white`); raises ValueError."""
    word = text.strip().lower().removeprefix("pap:").strip()
    if word == "white":
        return PAP.CLEAR
    try:
        return PAP[word.upper()]
    except KeyError:
        raise ValueError(f"not a PAP level: {text[:40]!r} (clear, green, amber, red)") from None


STIX_MARKINGS: dict[str, TLP] = {
    # STIX 2.1 section 7.2.1.4: the TLP 1 marking definitions every producer shares.
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": TLP.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": TLP.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": TLP.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": TLP.RED,
    # OASIS stix2-common-objects, TLP 2.0 extension definitions.
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": TLP.CLEAR,
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": TLP.GREEN,
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": TLP.AMBER,
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": TLP.AMBER_STRICT,
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": TLP.RED,
}
"""Ids of marking definitions whose meaning is fixed, so an object can be judged without holding them."""
