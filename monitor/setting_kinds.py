"""What a setting may hold, read from text (the environment) or a value of TOML, with a sentence for what it may not.

A command reads its settings before anything else, so nothing heavy is loaded for them: pydantic took a sixth of the time
that `hypewatch check` needs for a line.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from monitor.core.digests.address import check_address
from monitor.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

N = TypeVar("N", int, float)

HTTP = ("http", "https")
#: A mail's header holds an address and the signed rest of a link on one line, and no line is longer than 998 characters.
URL_MAX = 700
_YES = frozenset({"yes", "y", "on", "true", "t", "1"})
_NO = frozenset({"no", "n", "off", "false", "f", "0"})


class SecretStr:
    """A text that shows nowhere by itself: not in a log, a traceback or a list of settings."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def get_secret_value(self) -> str:
        """The text itself."""
        return self._secret

    def __repr__(self) -> str:
        return "SecretStr('**********')"

    def __str__(self) -> str:
        return "**********"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a setting is read; `read` raises ValueError with what the value must be. `secret`: it is never shown."""

    read: Callable[[Any], Any]
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its kind, what it is for (a person reads it), and what it holds unless set."""

    kind: Kind
    description: str
    default: Any


def setting(kind: Kind, default: Any, description: str) -> Any:
    """A field of the settings; a `default` that is a function is called for each."""
    told = {"setting": Setting(kind, description, None if callable(default) else default)}
    if callable(default):
        return field(default_factory=default, metadata=told)
    return field(default=default, metadata=told)


def settings_of(made: Any) -> Mapping[str, Setting]:
    """The settings among the fields of a dataclass, by name."""
    return {one.name: one.metadata["setting"] for one in fields(made) if "setting" in one.metadata}


# --- kinds -----------------------------------------------------------------------------------------------------------


def text(check: Callable[[str], str] | None = None) -> Kind:
    """Text, as `check` gives it back."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004 - whatever is wrong with a value is a ValueError
        return check(value) if check else value

    return Kind(read)


def secret(check: Callable[[str], object] | None = None) -> Kind:
    """Text that is never shown; `check` raises for what it may not be."""
    plain = text()

    def read(value: Any) -> SecretStr:
        if isinstance(value, SecretStr):
            return value
        held: str = plain.read(value)
        if check:
            check(held)
        return SecretStr(held)

    return Kind(read, secret=True)


def path() -> Kind:
    """A path of a file or folder."""

    def read(value: Any) -> Path:
        if not isinstance(value, str | Path):
            raise ValueError("must be a path")  # noqa: TRY004
        return Path(value)

    return Kind(read)


def whole(at_least: int = 0, at_most: int | None = None) -> Kind:
    """A whole number from `at_least` to `at_most`."""
    return Kind(lambda value: _bounded(_number(value, int, "a whole number"), at_least, at_most))


def number(at_least: float = 0, at_most: float | None = None) -> Kind:
    """A number from `at_least` to `at_most`."""
    return Kind(lambda value: _bounded(_number(value, float, "a number"), at_least, at_most))


def yes_or_no() -> Kind:
    """Yes or no, in the ways in which people write it."""

    def read(value: Any) -> bool:
        word = str(value).strip().lower()
        if word not in _YES | _NO:
            raise ValueError("must be yes or no")
        return word in _YES

    return Kind(read)


def one_of(*words: str) -> Kind:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"must be {' or '.join(repr(word) for word in words)}")
        return str(value)

    return Kind(read)


def listed(check: Callable[[str], object] | None = None) -> Kind:
    """Texts, written with commas between them (in TOML also as a list); `check` raises for what one may not be."""

    def read(value: Any) -> tuple[str, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
            raise ValueError("must be texts with commas between them")
        held = tuple(part.strip() for part in parts if part.strip())
        if check:
            for part in held:
                check(part)
        return held

    return Kind(read)


def unset_or(kind: Kind) -> Kind:
    """As `kind`, or not set."""
    return Kind(lambda value: None if value is None else kind.read(value), kind.secret)


def _number(value: Any, kind: type[N], what: str) -> N:
    taken = (str, int) if kind is int else (str, int, float)
    if isinstance(value, taken) and not isinstance(value, bool):
        with suppress(ValueError):
            return kind(value)
    raise ValueError(f"must be {what}")


def _bounded(value: N, at_least: float, at_most: float | None) -> N:
    if value < at_least or (at_most is not None and value > at_most) or value != value or value == float("inf"):  # noqa: PLR0124 - NaN
        raise ValueError(f"must be {at_least} or more" if at_most is None else f"must be from {at_least} to {at_most}")
    return value


# --- checks ----------------------------------------------------------------------------------------------------------


def web_address(url: str, schemes: Sequence[str] = HTTP, *, shown: bool = True) -> str:
    """A web address without its last slash; raises ValueError. `shown`: may what it names be told?"""
    begins = [f"{scheme}://" for scheme in schemes]
    if not url.startswith(tuple(begins)):
        raise ValueError(f"must begin with {' or '.join(begins)}")
    if len(url) > URL_MAX:
        raise ValueError(f"is longer than {URL_MAX} characters")
    parts = _read(url, shown=shown)
    if not parts.hostname or parts.port == 0:
        raise ValueError(f"names no host: {url}" if shown else "names no host")
    return url.rstrip("/")


def _read(url: str, *, shown: bool) -> SplitResult:
    """The parts of an address, its port among them; raises ValueError. What Python says of one holds a piece of it, which may be a secret."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(f"is no address that can be read{f': {url}' if shown else ''}") from None
    return parts


def with_password(url: str) -> None:
    """Raises ValueError if a password's signs end the address before its host: the rest of the password would be taken for something else."""
    if "://" not in url or url.startswith(("sqlite:", "outbox:")):
        return  # who reads it says what it must begin with
    try:
        parts = _read(url, shown=False)
    except ValueError as error:
        raise ValueError(f"{error}. Signs such as @ : / # in a password are written as %40 %3A %2F %23") from None
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise ValueError("has an @ behind its host. Signs such as @ : / # in a password are written as %40 %3A %2F %23")


def broker(url: str) -> None:
    """Raises ValueError if it is no address of a broker: Celery takes what it cannot read for the name of a RabbitMQ server, and logs it."""
    with_password(url)
    if not url.startswith(("memory://", "redis://", "rediss://")):
        raise ValueError("must begin with memory://, redis:// or rediss://")


def issuer(url: str) -> str:
    """A web address that is encrypted, unless it is of this machine; raises ValueError."""
    if url and urlsplit(url).scheme == "http" and urlsplit(url).hostname not in {"127.0.0.1", "localhost"}:
        raise ValueError("must begin with https://")
    return web_address(url) if url else url


def sender(value: str) -> str:
    """One mail address with or without a name, its domain in ASCII; raises ValueError."""
    written = parseaddr(value)[1]
    try:
        return value.replace(written, check_address(written)) if written else check_address(value)
    except UsageError as error:
        raise ValueError(f"{error.message} Write it as Name <name@example.org>") from None


def server(name: str) -> None:
    """A server as its host or its whole address; raises ValueError."""
    web_address(name if "://" in name else f"https://{name}")
