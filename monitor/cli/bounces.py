"""`hypewatch bounces`: mail that came back is read, and dead addresses get no more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from monitor.cli.shared import emit, format_option, open_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.core.digests.notices import Kind
    from monitor.pipeline.bounces import Became, Noted

#: Bytes of a line that are read at once; a longer one goes on in the next.
_LINE = 65_536


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@format_option
def bounces(files: Sequence[Path], form: str) -> None:
    """Read mail that came back (RFC 3464), and send no more to addresses that take no mail.

    Each FILE is one mail or an mbox; - is one mail on standard input, as a mail server hands it over. A notice counts once,
    and only if it names a mail of ours that went to that very address: anybody can send one. Exit 1 if none was of
    a subscriber of yours.

    \b
    Example: hypewatch bounces - < returned.eml
    Example: hypewatch bounces /var/mail/hypewatch
    """  # noqa: D301 - click wants the character, not the two signs
    from monitor.pipeline.bounces import note_returned

    deps = open_service().deps
    rows: list[dict[str, object]] = []
    ours = False
    for path in files:
        name = "-" if str(path) == "-" else str(path)
        with click.open_file(str(path), "rb") as stream:
            for number, raw in enumerate(_one(stream) if name == "-" else _mails(stream), start=1):
                kind, noted = note_returned(deps, raw)
                ours = ours or any(one.ours for one in noted)
                rows += [_row(name, number, one) for one in noted] or [_other_row(name, number, kind)]
    emit(rows, form, columns=("address", "status", "says"), empty="There was no mail to read.")
    sys.exit(0 if ours else 1)


def _row(name: str, number: int, noted: Noted) -> dict[str, object]:
    return {
        "file": name,
        "mail": number,
        "kind": "bounce",
        "address": noted.address,
        "status": noted.status or None,
        "hard": noted.hard,
        "became": noted.became.value,
        "says": _says(noted.became),
        "reply": noted.reply,
    }


def _says(became: Became) -> str:
    from monitor.pipeline.bounces import Became

    return {
        Became.SUPPRESSED: "Nothing is sent there any more until somebody resumes it.",
        Became.KEPT: "Kept: it counts, and is not enough yet to stop.",
        Became.UNPROVEN: "Kept to be seen: it names no mail of ours that went there, so nothing follows from it.",
        Became.KNOWN: "It was read before.",
        Became.NOBODY: "Nobody here has that address.",
    }[became]


def _other_row(name: str, number: int, kind: Kind) -> dict[str, object]:
    from monitor.core.digests.notices import Kind

    says = {
        Kind.BOUNCE: "It tells of no address.",
        Kind.DELAYED: "The mail is only late: its server goes on trying. Nothing came back.",
        Kind.ARRIVED: "The mail arrived. Nothing came back.",
        Kind.AUTO_REPLY: "An automatic answer, such as out of office. Nothing came back.",
        Kind.OTHER: "No notice of mail that came back.",
    }[kind]
    return {
        "file": name,
        "mail": number,
        "kind": kind.value,
        "address": None,
        "status": None,
        "hard": False,
        "became": None,
        "says": says,
        "reply": "",
    }


def _one(stream: IO[bytes]) -> Iterator[bytes]:
    """One mail, as far as it is read; what is behind that is taken off whoever writes it."""
    from monitor.core.digests.notices import MOST_BYTES

    raw = stream.read(MOST_BYTES)
    while stream.read(_LINE):
        pass
    if raw.strip():
        yield raw


def _mails(stream: IO[bytes]) -> Iterator[bytes]:
    """The mails of an mbox (RFC 4155), or the one mail of a file."""
    from monitor.core.digests.notices import MOST_BYTES

    lines: list[bytes] = []
    size, before, boxed = 0, b"\n", None
    while line := stream.readline(_LINE):
        if boxed is None:
            boxed = line.startswith(b"From ")
        if boxed and line.startswith(b"From ") and not before.strip():
            if lines:
                yield b"".join(lines)
            lines, size = [], 0
        elif size < MOST_BYTES:
            lines.append(line)
            size += len(line)
        before = line
    if any(line.strip() for line in lines):
        yield b"".join(lines)
