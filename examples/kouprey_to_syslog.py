"""Send what is new on a Kouprey node to a syslog receiver (RFC 5424 over UDP, TCP or TLS), and go on where it stopped.

    KOUPREY_TOKEN=SECRET python3 kouprey_to_syslog.py https://cert.example tls://siem.example:6514 --state position

The position of the last message that was handed over is kept in the state file: after a stop or a crash nothing is
missed, and the last message may come twice. Over UDP nobody learns of a message that is lost on the way.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kouprey_client import Kouprey

FACILITY, SEVERITY = 13, 6
"""Log audit, informational (RFC 5424 section 6.2.1)."""
UDP_MAX = 1200
"""Bytes of a datagram that any network takes whole; longer messages lose the object and keep its id."""


def message(event: dict[str, Any], host: str, limit: int = 0) -> bytes:
    """One message (RFC 5424 section 6): id, type and version as structured data, the object as JSON behind them."""
    kept = {name: _value(str(event.get(name, ""))) for name in ("id", "type", "version")}
    data = " ".join(f'{name}="{value}"' for name, value in kept.items())
    head = f"<{8 * FACILITY + SEVERITY}>1 {event.get('added') or '-'} {host} kouprey - object [kouprey@32473 {data}]"
    text = json.dumps(event.get("object"), ensure_ascii=False, separators=(",", ":")) if event.get("object") else ""
    # The mark says that what follows is UTF-8 (section 6.4).
    whole = head.encode() + (b" \xef\xbb\xbf" + text.encode() if text else b"")
    return whole if not limit or len(whole) <= limit else head.encode()


def _value(text: str) -> str:
    for letter in ("\\", '"', "]"):
        text = text.replace(letter, "\\" + letter)
    return text


class Receiver:
    """Where messages go: udp://, tcp:// or tls://HOST:PORT; streams count their octets (RFC 6587, RFC 5425)."""

    def __init__(self, url: str, authority: str = "") -> None:
        where = urlsplit(url)
        if where.scheme not in ("udp", "tcp", "tls") or not where.hostname:
            raise SystemExit("the receiver is udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT")
        self.datagrams = where.scheme == "udp"
        address = (where.hostname, where.port or {"udp": 514, "tcp": 601, "tls": 6514}[where.scheme])
        if self.datagrams:
            self._socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.connect(address)
        else:
            self._socket = socket.create_connection(address, timeout=30)
            if where.scheme == "tls":
                context = ssl.create_default_context(cafile=authority or None)
                self._socket = context.wrap_socket(self._socket, server_hostname=where.hostname)

    def send(self, raw: bytes) -> None:
        """Hand one message over."""
        self._socket.sendall(raw if self.datagrams else b"%d %b" % (len(raw), raw))


def main() -> None:
    """Until interrupted."""
    parser = argparse.ArgumentParser(description="Send what is new on a Kouprey node to a syslog receiver.")
    parser.add_argument("node", help="the node's address, https://...")
    parser.add_argument("receiver", help="udp://, tcp:// or tls://HOST:PORT")
    parser.add_argument("--state", type=Path, required=True, help="file with the position that was reached")
    parser.add_argument("--collection", default="", help="only this one")
    parser.add_argument("--ca", default="", help="certificates by which a tls:// receiver is known")
    asked = parser.parse_args()
    receiver = Receiver(asked.receiver, asked.ca)
    host = urlsplit(asked.node).hostname or "-"

    def seen(last: str) -> None:
        beside = asked.state.with_suffix(".new")
        beside.write_text(last)
        beside.replace(asked.state)

    last = asked.state.read_text().strip() if asked.state.exists() else ""
    node = Kouprey(asked.node, os.environ["KOUPREY_TOKEN"])
    for event in node.stream(last, seen=seen, collection=asked.collection):
        receiver.send(message(event, host, UDP_MAX if receiver.datagrams else 0))


if __name__ == "__main__":
    main()
