"""What to write into a device so that it fetches a shield and blocks by it."""

from __future__ import annotations

import msgspec

from kouprey.protect.model import Format
from kouprey.protect.wire.nftables import TABLE, set_name
from kouprey.protect.wire.rpz import zone_name


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """For one kind of device: how it fetches, what stands in its configuration, and what has it read that again."""

    device: str
    form: Format
    fetch: str
    config: str
    reload: str


def snippets(shield: str, origin: str) -> tuple[Snippet, ...]:
    """For each kind of device; SECRET stands for that of its outlet."""
    zone = zone_name(shield)
    four, six = set_name(shield, 4), set_name(shield, 6)
    return (
        Snippet(
            device="BIND",
            form=Format.RPZ,
            fetch=_fetch(shield, origin, Format.RPZ, f"/var/cache/bind/{zone}"),
            config=f'options {{ response-policy {{ zone "{zone}"; }}; }};\n'
            f'zone "{zone}" {{ type primary; file "/var/cache/bind/{zone}"; allow-query {{ localhost; }}; }};',
            reload=f"rndc reload {zone}",
        ),
        Snippet(
            device="Unbound",
            form=Format.UNBOUND,
            fetch=_fetch(shield, origin, Format.UNBOUND, f"/etc/unbound/{shield}.shield"),
            config=f'include: "/etc/unbound/{shield}.shield"',
            reload="unbound-control reload",
        ),
        Snippet(
            device="nftables",
            form=Format.NFTABLES,
            fetch=_fetch(shield, origin, Format.NFTABLES, f"/etc/nftables.d/{shield}.nft"),
            config=f"table inet {TABLE} {{\n"
            f"  chain {shield.replace('-', '_')}_out {{\n    type filter hook forward priority -5;\n"
            f"    ip daddr @{four} drop\n    ip6 daddr @{six} drop\n  }}\n}}",
            reload=f"nft -f /etc/nftables.d/{shield}.nft",
        ),
        Snippet(
            device="Suricata",
            form=Format.SURICATA,
            fetch=_fetch(shield, origin, Format.SURICATA, f"/etc/suricata/rules/{shield}.rules"),
            config=f"rule-files:\n  - {shield}.rules",
            reload="suricatasc -c reload-rules",
        ),
    )


def _fetch(shield: str, origin: str, form: Format, target: str) -> str:
    """Fetched anew only when it is another one (ETag), and put into place whole."""
    tag = f"{target}.etag"
    return (
        f"curl -fsS -u {shield}:SECRET --etag-save {tag} --etag-compare {tag} -o {target}.new"
        f" {origin}/shields/{shield}/{form} && test -s {target}.new && mv {target}.new {target}"
    )
