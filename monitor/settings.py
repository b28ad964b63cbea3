"""Settings: environment > `hypewatch.toml` in the home > default. The only reader of the environment.

Every secret can also be given as `NAME_FILE`, a file that holds it (Docker and systemd credentials). An unknown
HYPEWATCH_* name is an error with a suggestion; HYPEWATCH_TEST_* belongs to the tests and is ignored.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    create_model,
    field_validator,
)

from monitor.core.digests.address import check_address
from monitor.core.errors import SettingError, UsageError
from monitor.core.model import FeedKind
from monitor.core.people import TRIES_OF_ADDRESS, TRIES_OF_PLACE
from monitor.home_files import UnreadableError, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = "HYPEWATCH_"
HTTP = ("http", "https")
#: A mail's header holds an address and the signed rest of a link on one line, and no line is longer than 998 characters.
URL_MAX = 700


def default_home() -> Path:
    """Where data lives if HYPEWATCH_HOME is not set: the XDG data folder of the user."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hypewatch"


class OwnSettings(BaseModel):
    """The settings that are written down here; the addresses of networks are added to them below.

    The descriptions are printed by `hypewatch config show` and in the operations page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home, description="Folder for the database, the outbox and your rules")
    database_url: SecretStr | None = Field(
        None, description="sqlite:///... or postgresql://...; default: SQLite in the home"
    )
    broker_url: SecretStr = Field(
        SecretStr("memory://"), description="memory:// for one process, redis://... for several"
    )
    base_url: str | None = Field(None, description="Where the pages are reached from mails; default: http://host:port")
    host: str = Field("127.0.0.1", description="Address the pages listen on")
    port: int = Field(8080, ge=0, le=65535, description="Port the pages listen on; 0 takes a free one")
    secret_key: SecretStr | None = Field(
        None, description="Signs the links in mails; default: made once and kept in the database"
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:pass@host:587 (encrypted by STARTTLS, unless ?tls=none), smtps://user:pass@host:465, or outbox:DIR; default: the outbox in the home",
    )
    smtp_plain_password: bool = Field(
        default=False, description="yes: the mail server's password may be sent without encryption"
    )
    mail_unknown: Literal["resend", "hold"] = Field(
        "resend",
        description="What becomes of a digest when nobody saw whether the server took it: resend (once, the same mail), or hold until you say",
    )
    mail_from: str = Field("Hypewatch <hypewatch@localhost>", description="Sender of the digests")
    dkim_selector: str = Field("", description="Name in the DNS under which the public half of the DKIM key stands")
    dkim_domain: str = Field("", description="Domain that mails are signed for; default: that of HYPEWATCH_MAIL_FROM")
    dkim_key: SecretStr | None = Field(
        None, description="Private RSA key (PEM) that signs mails, with the extra [dkim]; default: mails are not signed"
    )
    contact: str = Field("", description="Your mail address or page; sites that we read see it in the User-Agent")
    host_gap: float = Field(1.0, ge=0, description="Seconds between two requests to one host")
    x_bearer_token: SecretStr | None = Field(None, description="X API bearer token; without it X is not read")
    x_posts_per_day: int = Field(
        200,
        ge=0,
        description="Paid reads on X on one day (UTC): posts, and the question how many there are, which costs as much",
    )
    x_posts_per_month: int = Field(3000, ge=0, description="Paid reads on X in one month (UTC)")
    x_recheck_days: int = Field(
        0,
        ge=0,
        le=3650,
        description="Ask X each day whether stored posts of so many days are still there; 0 never asks. Each costs a paid read",
    )
    bluesky_handle: str = Field("", description="Bluesky account for searching")
    bluesky_password: SecretStr | None = Field(None, description="Bluesky app password")
    mastodon_servers: tuple[str, ...] = Field((), description="Mastodon servers to read, separated by commas")
    mastodon_token: SecretStr | None = Field(
        None, description="Mastodon access token for searching, of the first server in HYPEWATCH_MASTODON_SERVERS"
    )
    openalex_key: SecretStr | None = Field(
        None, description="OpenAlex API key, which is free; without it OpenAlex answers a few requests a day"
    )
    gdelt_api_url: str = Field(
        "https://api.gdeltproject.org", description="Address of the GDELT DOC API (for tests and proxies)"
    )
    allow_private_networks: tuple[str, ...] = Field(
        (), description="host:port list of addresses in your own network that may be read"
    )
    heartbeat_url: SecretStr | None = Field(
        None,
        description="http(s) address that is asked each minute while work is done: an outside service that alarms when it falls silent",
    )
    oidc_issuer: str = Field(
        "",
        description="OpenID Connect issuer where people sign in too, with the extra [oidc]; only who was invited comes in",
    )
    oidc_client_id: str = Field("", description="What Hypewatch is called there")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there")
    api_per_minute: int = Field(
        600,
        ge=0,
        description="Requests to the API that a key may make in a minute, counted by each process for itself; 0 is no limit",
    )
    sign_in_tries: int = Field(
        TRIES_OF_ADDRESS,
        ge=1,
        le=100,
        description="Wrong passwords for one address, after which it waits a quarter of an hour; counted in the database, over all processes",
    )
    sign_in_tries_of_place: int = Field(
        TRIES_OF_PLACE,
        ge=1,
        le=10_000,
        description="Wrong passwords, and asked sign-in links, from one place, whatever the address: a whole office may be behind one",
    )
    strangers_per_minute: int = Field(
        300,
        ge=0,
        description="Requests that may come in a minute from one address by people who have not signed in and programs without a key (sign-in, links from mails), counted by each process for itself; 0 is no limit",
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the log lines")
    sentry_dsn: SecretStr | None = Field(None, description="Where crashes are reported; default: nowhere")

    @field_validator("mastodon_servers", "allow_private_networks", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("base_url", "gdelt_api_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        return _address(value) if value is not None else None

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        if value and urlsplit(value).scheme == "http" and urlsplit(value).hostname not in {"127.0.0.1", "localhost"}:
            raise ValueError("must begin with https://")
        return _address(value) if value else value

    @field_validator("heartbeat_url")
    @classmethod
    def _outside(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _address(value.get_secret_value(), shown=False)
        return value

    @field_validator("database_url", "broker_url", "smtp_url")
    @classmethod
    def _with_password(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_password_signs(value.get_secret_value())
        return value

    @field_validator("broker_url")
    @classmethod
    def _broker(cls, value: SecretStr) -> SecretStr:
        # Celery takes what it cannot read for the name of a RabbitMQ server, and logs it.
        if not value.get_secret_value().startswith(("memory://", "redis://", "rediss://")):
            raise ValueError("must begin with memory://, redis:// or rediss://")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        written = parseaddr(value)[1]
        try:
            return value.replace(written, check_address(written)) if written else check_address(value)
        except UsageError as error:
            raise ValueError(f"{error.message} Write it as Name <name@example.org>") from None

    @field_validator("mastodon_servers")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for server in value:
            _address(server if "://" in server else f"https://{server}")
        return value

    @property
    def database(self) -> str:
        """Address of the database, SQLite in the home unless set."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'hypewatch.db'}"

    @property
    def smtp(self) -> str:
        """Where mail goes: `outbox:` in the home unless set."""
        return self.smtp_url.get_secret_value() if self.smtp_url else f"outbox:{self.home / 'outbox'}"

    def address(self, kind: FeedKind) -> str:
        """Where a network, an index or a stream is asked, without a slash at the end; "" if its line names no address."""
        return str(getattr(self, address_setting(kind))) if kind.address else ""

    def of(self, slug: str) -> dict[str, str]:
        """The settings whose names begin with a network's, without its name and as text; "" is one that is not set.

        These are all that its class may know: nobody else's secrets.
        """
        before = f"{slug}_"
        given = {name: getattr(self, name) for name in type(self).model_fields if name.startswith(before)}
        return {name.removeprefix(before): _told(value) for name, value in given.items()}

    @property
    def broker(self) -> str:
        return self.broker_url.get_secret_value()

    @property
    def public_url(self) -> str:
        """The address a mail's links begin with."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"


def _address(url: str, schemes: Sequence[str] = HTTP, *, shown: bool = True) -> str:
    """A web address without its last slash; raises ValueError, which pydantic makes a SettingError of."""
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


def _check_password_signs(url: str) -> None:
    """Raises ValueError if a password's signs end the address before its host: the rest of the password would be taken for something else."""
    if "://" not in url or url.startswith(("sqlite:", "outbox:")):
        return  # who reads it says what it must begin with
    try:
        parts = _read(url, shown=False)
    except ValueError as error:
        raise ValueError(f"{error}. Signs such as @ : / # in a password are written as %40 %3A %2F %23") from None
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise ValueError("has an @ behind its host. Signs such as @ : / # in a password are written as %40 %3A %2F %23")


def address_setting(kind: FeedKind) -> str:
    """The setting for where a kind is asked, as the settings name it (x_api_url, bluesky_stream_url)."""
    return f"{kind.slug}_{'stream' if kind.streams else 'api'}_url"


_MEANS = (
    "Address that {} is asked at: for tests, a proxy, or a server of your own",
    "Address that {} is followed live at: for tests, or another server",
)


def _addresses() -> dict[str, Any]:
    """A setting for each kind that is asked at an address, as pydantic takes them."""
    return {
        address_setting(kind): (
            Annotated[str, AfterValidator(partial(_address, schemes=("wss", "ws") if kind.streams else HTTP))],
            Field(kind.address, description=_MEANS[kind.streams].format(kind.label)),
        )
        for kind in FeedKind
        if kind.address
    }


#: What everyone means by the settings: those above, and an address for each line of FeedKind that names one. A type
#: checker cannot follow fields that are made from a table; they are read by `address`.
if TYPE_CHECKING:
    Settings = OwnSettings
else:
    Settings = create_model("Settings", __base__=OwnSettings, __doc__="All settings.", **_addresses())

#: Settings that hold a secret: never shown, and also read from the file named by NAME_FILE.
SECRETS = tuple(
    name.upper()
    for name, setting in Settings.model_fields.items()
    if SecretStr in (setting.annotation, *get_args(setting.annotation))
)


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings; raises SettingError with one sentence for the first thing that is wrong.

    `overrides` stand above the environment (command-line flags).
    """
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    # A line with nothing behind the sign, as a container's file of settings has it, sets nothing.
    environ = {name: value for name, value in environ.items() if value.strip()}
    values = _from_toml(Path(environ.get(PREFIX + "HOME") or default_home()) / "hypewatch.toml")
    values |= {name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if _is_setting(name)}
    values |= _from_files(environ)
    values |= overrides
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"][:1]).upper()
        shown = "" if name.removeprefix(PREFIX) in SECRETS else f" (it is {first['input']!r})"
        raise SettingError(
            f"{name}: {first['msg']}{shown}.", "See `hypewatch help operations` for what it may hold."
        ) from None


def names() -> tuple[str, ...]:
    """Every setting's name as the environment writes it."""
    return tuple(PREFIX + name.upper() for name in Settings.model_fields)


def shown(settings: Settings) -> dict[str, str]:
    """Name to value as a person may see it: secrets are said to be set, never told."""
    rows = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        text = _told(value)
        if isinstance(value, SecretStr) and text != "memory://" and not text.startswith(("sqlite:", "outbox:")):
            text = "(set, not shown)"
        rows[PREFIX + name.upper()] = text
    return rows


def _told(value: Any) -> str:
    """A setting's value as the environment writes it, a secret too."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _is_setting(name: str) -> bool:
    return name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_") and not name.endswith("_FILE")


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {*names(), *(PREFIX + name + "_FILE" for name in SECRETS)}
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_") and name not in known:
            # Without the prefix: it is half of every name, and would make any two alike.
            near = difflib.get_close_matches(
                name.removeprefix(PREFIX), [own.removeprefix(PREFIX) for own in known], n=1
            )
            raise SettingError(
                f"The environment sets {name}, which is no setting of Hypewatch.",
                f"Did you mean {PREFIX}{near[0]}?" if near else "`hypewatch config show` lists them all.",
            )


def _from_files(environ: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for name in SECRETS:
        path = environ.get(f"{PREFIX}{name}_FILE")
        if path:
            try:
                held = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
                raise SettingError(
                    f"{PREFIX}{name}_FILE names {path}, which cannot be read ({reason}).",
                    "Check the path and its permissions.",
                ) from None
            if held:  # an empty file sets nothing, as an empty line does
                values[name.lower()] = held
    return values


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(read_text(path))
    except FileNotFoundError:
        return {}
    except UnreadableError as error:
        raise SettingError(f"{path} {error.reason}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path}: {error}.", 'Mend that line; each line is `name = "value"`.') from None
    for name in values:
        if name not in Settings.model_fields or name == "home":
            near = difflib.get_close_matches(name, Settings.model_fields, n=1)
            raise SettingError(
                f"{path} sets {name!r}, which is no setting of Hypewatch.",
                f"Did you mean {near[0]!r}?" if near else "`hypewatch config show` lists them all.",
            )
    return values
