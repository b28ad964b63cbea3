"""Files of the home: only regular ones are read, and what is written there is for its user alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Bytes; rule files and fact sheets hold thousands, and one that is read whole must not fill the memory.
MOST_BYTES = 10_000_000
#: What stands in the address of a database as it is; a person's folder may hold any sign.
_PLAIN = "/ ~!$&'()*+,:;=@[]{}\\"
#: Where files of one's own lie in a home.
_OWN_FOLDERS = ("rules", "studies")
_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


def sqlite_url(path: Path) -> str:
    """A SQLite file as the address of a database. Signs that mean something in an address are written as %XX."""
    return f"sqlite:///{quote(str(path), safe=_PLAIN)}"


def sqlite_path(url: str) -> Path | None:
    """The file that the address of a database names; None if it is another database's."""
    before = "sqlite:///"
    return Path(unquote(url.removeprefix(before).partition("?")[0])) if url.startswith(before) else None


class UnreadableError(UsageError):
    """A file or folder of the home that cannot be read; `reason` goes on behind its name."""

    code = "unreadable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}.")
        self.reason = reason


def read_text(path: Path) -> str:
    """The text of a regular file; raises UnreadableError for whatever else stands there, FileNotFoundError for nothing.

    Opened without waiting and looked at afterwards: a pipe would be waited for without end.
    """
    try:
        # What a device does when it is opened is not known, so it is not.
        kind = stat.S_IFMT(path.stat().st_mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC) if kind == stat.S_IFREG else -1
        if descriptor < 0:
            raise UnreadableError(path, f"{_KINDS.get(kind, 'is something else')} and not a file: take it away")
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(MOST_BYTES + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        if content is None or len(content) > MOST_BYTES:
            raise UnreadableError(path, f"is no file of at most {MOST_BYTES // 1_000_000} MB")
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise UnreadableError(path, f"cannot be read as text in UTF-8: {error.reason} at byte {error.start}") from None
    except FileNotFoundError:
        if not path.is_symlink():
            raise
        raise UnreadableError(path, "leads to a file that is not there: mend the link or take it away") from None
    except PermissionError:
        raise UnreadableError(path, f"may not be read by you: `chmod u+r {path}` opens it") from None
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from None


def yaml_paths(folder: Path) -> list[Path]:
    """What is called `.yaml` in a folder, sorted; nothing if there is no such folder.

    Raises UnreadableError if it cannot be looked into: what lies in it would go out of use in silence. An editor's own
    links (`.#name.yaml`) are left out.
    """
    try:
        return sorted(
            path for path in folder.iterdir() if path.name.endswith(".yaml") and not path.name.startswith(".#")
        )
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        raise UnreadableError(folder, "is a file and not a folder: take it away") from None
    except OSError as error:
        raise UnreadableError(folder, f"cannot be looked into: {error.strerror}") from None


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that nobody else on this machine reads, also if it was there before; its folder is made likewise."""
    make_private(path.parent)
    raw = content.encode() if isinstance(content, str) else content
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(raw)


def make_private(folder: Path) -> None:
    """Make a folder for its user alone if it is not there; one that is stays as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def close_to_others(*paths: Path) -> None:
    """Take from others what they may do with regular files and folders of ours; links and what belongs to others stay.

    Raises OSError if one cannot be changed.
    """
    for path in paths:
        try:
            held = path.lstat()
        except FileNotFoundError:
            continue
        ours = held.st_uid == os.geteuid() and (stat.S_ISREG(held.st_mode) or stat.S_ISDIR(held.st_mode))
        if ours and held.st_mode & 0o077:
            path.chmod(stat.S_IMODE(held.st_mode) & ~0o077)


def follow(folder: Path, was: Mapping[str, str], now: Mapping[str, str]) -> list[Path]:
    """Bring the folder from the files that were in use to those that are. What was edited since is not touched: returned."""
    make_private(folder)
    edited = []
    for name in sorted({*was, *now}):
        path = folder / name
        try:
            there = read_text(path)
        except FileNotFoundError:
            there = None
        except UnreadableError:  # whatever it is, it was not put there by us
            edited.append(path)
            continue
        if there == now.get(name):
            continue
        if there != was.get(name):
            edited.append(path)
        elif name in now:
            write_private(path, now[name])
        else:
            path.unlink()  # it is in the history
    return edited


def close_home(home: Path) -> None:
    """Put an old home right: folders 0700, files 0600. A folder that is not surely ours is left alone; `doctor` tells."""
    held = home.stat()
    if held.st_uid != os.geteuid() or held.st_mode & stat.S_ISVTX:
        return
    names = {path.name for path in home.iterdir()}
    if names and not names & {"hypewatch.db", "hypewatch.toml", "outbox"}:
        return
    outbox = home / "outbox"
    if held.st_mode & 0o077 or (outbox.is_dir() and outbox.stat().st_mode & 0o077):  # there may be thousands of mails
        close_to_others(*outbox.glob("*.eml"))
    close_to_others(*(path for name in _OWN_FOLDERS for path in _within(home / name)))
    close_to_others(home / "hypewatch.toml", outbox, *(home / name for name in _OWN_FOLDERS), home)


def _within(folder: Path) -> list[Path]:
    """What lies in a folder of ours; nothing if it is a link, or cannot be looked into: reading it says so."""
    try:
        return [] if folder.is_symlink() else list(folder.iterdir())
    except OSError:
        return []
