"""Reading ahead: a second process reads a file and makes the extracts while this one writes what it has read.

A thread would not do: reading and writing both hold Python's lock nearly all the time. The second process gets the open
file as its input and nothing else, opens no database and ends with this one, whose end it notices when it cannot hand
over what it has read. It is never more than two batches ahead.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from typing import IO, BinaryIO

import msgspec

from kouprey.exchange.model import Arrival, Parsed, Refusal
from kouprey.exchange.wire.batches import Batch, batches
from kouprey.exchange.wire.extracts import extract_of
from kouprey.exchange.wire.stream import Passage
from kouprey.kernel.words.errors import Unreachable

_SIZE = 8
_END = bytes(_SIZE)
_FITS, _DIFFERS = b"+", b"-"
_HEAD = [name for name in Arrival.__struct_fields__ if name != "extract"]


class Ahead:
    """Batches of a file, read by a second process from where its descriptor stands, with the extract of every arrival.

    `close` ends that process; then the file may be wound back and read by another. Every verb raises Unreachable when
    the second process ended before the file did.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._reader: subprocess.Popen[bytes] | None = None

    def skip(self, beyond: int, digest: bytes) -> bool:
        """See Passage."""
        answer = self._start(str(beyond), digest.hex()).read(1)
        if answer not in (_FITS, _DIFFERS):
            raise _ended()
        return answer == _FITS

    def batches(self) -> Generator[Batch, None, None]:
        """Everything that is left."""
        pipe = self._start() if self._reader is None else self._reader.stdout
        assert pipe is not None
        return _received(pipe)

    def close(self) -> None:
        """End the second process, if there is one."""
        if self._reader is not None:
            self._reader.kill()
            self._reader.communicate()

    def _start(self, *place: str) -> IO[bytes]:
        command = [sys.executable, "-P", "-m", __name__, *place]
        # A group of its own: who interrupts the command interrupts this process alone, which then lets the other go.
        self._reader = subprocess.Popen(command, stdin=self._file, stdout=subprocess.PIPE, process_group=0)
        assert self._reader.stdout is not None
        return self._reader.stdout


def _received(pipe: IO[bytes]) -> Generator[Batch, None, None]:
    """Batches, the next of which is unpacked while the one before is written: databases do not hold Python's lock."""
    decode = msgspec.msgpack.Decoder(Batch).decode
    beside = ThreadPoolExecutor(1, "reading-ahead")
    try:
        coming = beside.submit(_next, pipe, decode)
        while (batch := coming.result()) is not None:
            coming = beside.submit(_next, pipe, decode)
            yield batch
    finally:
        # Whoever stops halfway ends the second process, and that ends what is being read.
        beside.shutdown(wait=False, cancel_futures=True)


def _next(pipe: IO[bytes], decode: Callable[[bytes], Batch]) -> Batch | None:
    """The batch that comes next; None behind the last one."""
    head = pipe.read(_SIZE)
    if head == _END:
        return None
    size = int.from_bytes(head, "big")
    frame = pipe.read(size) if len(head) == _SIZE else b""
    if not frame or len(frame) != size:
        raise _ended()
    return decode(frame)


def _ended() -> Unreachable:
    return Unreachable(
        "The file could not be read to its end.",
        "The process that reads it has ended.",
        "Do it again: what was counted is kept. If it stays so, look whether the machine has enough memory.",
        code="reader-ended",
    )


def main(place: list[str]) -> None:
    """The second process: from standard input to standard output, behind a place that was reached before."""
    encode = msgspec.msgpack.Encoder().encode
    out = sys.stdout.buffer
    passage = Passage(FileIO(sys.stdin.fileno(), closefd=False))
    try:
        if place:
            out.write(_FITS if passage.skip(int(place[0]), bytes.fromhex(place[1])) else _DIFFERS)
            out.flush()
        for batch in batches(map(_extracted, passage), passage):
            frame = encode(batch)
            out.write(len(frame).to_bytes(_SIZE, "big"))
            out.write(frame)
            out.flush()
        out.write(_END)
        out.flush()
    except BrokenPipeError:
        sys.stderr.close()


def _extracted(each: Parsed | Refusal) -> Arrival | Refusal:
    """With its extract in place of its value."""
    if isinstance(each, Refusal):
        return each
    return Arrival(**{name: getattr(each, name) for name in _HEAD}, extract=extract_of(each))


if __name__ == "__main__":
    main(sys.argv[1:])
