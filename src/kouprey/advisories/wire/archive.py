"""A zip of everything public about the statements of one publisher: plain files, to be served by anybody."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

from kouprey.advisories.model import Chain
from kouprey.kernel.words.time import format_second

READ_ME = """\
These are the public statements of {name} ({party}), as plain files. Any web server can hand them out; index.html is the
list. Nothing here needs this server to be trusted: each statement in signed/ bears the signature of its publisher, and
chain.json says which come one after the other. To verify all of it without the software that made it:

    python verify_statement.py FOLDER --key KEY

KEY is the key of the publisher as it was published elsewhere: on paper, by a partner, on its card. publisher.card is a
copy of that card, and as good as the place this file came from.
"""


def write_chain(chain: Chain) -> bytes:
    """The chain as JSON: each link with number, id, SHA-256 and time; `previous` of a statement is the hash before."""
    return msgspec.json.format(
        msgspec.json.encode(
            {
                "v": 1,
                "publisher": chain.publisher,
                "name": chain.name,
                "head": chain.head,
                "missing": chain.missing,
                "broken": chain.broken,
                "statements": [
                    {
                        "number": each.number,
                        "id": each.id,
                        "sha256": each.hash,
                        "issued": format_second(each.issued),
                        "taken_back": each.erased,
                    }
                    for each in chain.links
                ],
            }
        ),
        indent=1,
    )


def pack(files: Mapping[str, bytes]) -> bytes:
    """The zip of these files in their order; the same files give the same bytes."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # The earliest time a zip can tell: when a file was written says nothing.
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()
