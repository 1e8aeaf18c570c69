"""Text that is pasted into a form, or comes as a file."""

from __future__ import annotations

from starlette.datastructures import UploadFile

from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged

LONGEST = 500_000


def text_of(request: Request, name: str, *, file: str = "file") -> str:
    """What was chosen as a file, else what was pasted; Damaged for what is neither text nor short enough."""
    given = request.fields.get(file)
    if isinstance(given, UploadFile) and given.size:
        raw = given.file.read(LONGEST + 1)
        try:
            if len(raw) > LONGEST:
                raise ValueError
            return raw.decode("utf-8-sig")
        except ValueError:
            raise Damaged(
                mark("The file cannot be read."),
                mark("It is no UTF-8 text, or too large."),
                mark("Choose another file, or paste its text."),
                code="bad-file",
            ) from None
    return request.field(name, longest=LONGEST)
