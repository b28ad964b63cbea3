"""Settings: environment > `hypewatch.toml` in the home > default. The only reader of the environment.

Every secret can also be given as `NAME_FILE`, a file that holds it (Docker and systemd credentials). An unknown
HYPEWATCH_* name is an error with a suggestion; HYPEWATCH_TEST_* belongs to the tests and is ignored.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass, field, make_dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from monitor import setting_kinds as kinds
from monitor.core.errors import SettingError
from monitor.core.model import FeedKind
from monitor.core.session import TRIES_OF_ADDRESS, TRIES_OF_PLACE
from monitor.home_files import UnreadableError, read_text, sqlite_url
from monitor.setting_kinds import SecretStr, Setting, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "HYPEWATCH_"


def default_home() -> Path:
    """Where data lives if HYPEWATCH_HOME is not set: the XDG data folder of the user."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "hypewatch"


@dataclass(frozen=True, kw_only=True)
class OwnSettings:
    """The settings that are written down here; the addresses of networks are added to them below.

    The descriptions are printed by `hypewatch config show` and in the operations page.
    """

    home: Path = setting(kinds.path(), default_home, "Folder for the database, the outbox and your rules")
    database_url: SecretStr | None = setting(
        kinds.unset_or(kinds.secret(kinds.with_password)),
        None,
        "sqlite:///... or postgresql://...; default: SQLite in the home",
    )
    broker_url: SecretStr = setting(
        kinds.secret(kinds.broker), SecretStr("memory://"), "memory:// for one process, redis://... for several"
    )
    base_url: str | None = setting(
        kinds.unset_or(kinds.text(kinds.web_address)),
        None,
        "Where the pages are reached from mails; default: http://host:port",
    )
    host: str = setting(kinds.text(), "127.0.0.1", "Address the pages listen on")
    port: int = setting(kinds.whole(0, 65535), 8080, "Port the pages listen on; 0 takes a free one")
    secret_key: SecretStr | None = setting(
        kinds.unset_or(kinds.secret()), None, "Signs the links in mails; default: made once and kept in the database"
    )
    smtp_url: SecretStr | None = setting(
        kinds.unset_or(kinds.secret(kinds.with_password)),
        None,
        "smtp://user:pass@host:587 (encrypted by STARTTLS, unless ?tls=none), smtps://user:pass@host:465, or outbox:DIR; default: the outbox in the home",
    )
    smtp_plain_password: bool = setting(
        kinds.yes_or_no(), False, "yes: the mail server's password may be sent without encryption"
    )
    mail_unknown: Literal["resend", "hold"] = setting(
        kinds.one_of("resend", "hold"),
        "resend",
        "What becomes of a digest when nobody saw whether the server took it: resend (once, the same mail), or hold until you say",
    )
    mail_from: str = setting(kinds.text(kinds.sender), "Hypewatch <hypewatch@localhost>", "Sender of the digests")
    dkim_selector: str = setting(kinds.text(), "", "Name in the DNS under which the public half of the DKIM key stands")
    dkim_domain: str = setting(
        kinds.text(), "", "Domain that mails are signed for; default: that of HYPEWATCH_MAIL_FROM"
    )
    dkim_key: SecretStr | None = setting(
        kinds.unset_or(kinds.secret()),
        None,
        "Private RSA key (PEM) that signs mails, with the extra [dkim]; default: mails are not signed",
    )
    contact: str = setting(kinds.text(), "", "Your mail address or page; sites that we read see it in the User-Agent")
    host_gap: float = setting(kinds.number(), 1.0, "Seconds between two requests to one host")
    x_bearer_token: SecretStr | None = setting(
        kinds.unset_or(kinds.secret()), None, "X API bearer token; without it X is not read"
    )
    x_posts_per_day: int = setting(
        kinds.whole(),
        200,
        "Paid reads on X on one day (UTC): posts, and the question how many there are, which costs as much",
    )
    x_posts_per_month: int = setting(kinds.whole(), 3000, "Paid reads on X in one month (UTC)")
    x_recheck_days: int = setting(
        kinds.whole(0, 3650),
        0,
        "Ask X each day whether stored posts of so many days are still there; 0 never asks. Each costs a paid read",
    )
    bluesky_handle: str = setting(kinds.text(), "", "Bluesky account for searching")
    bluesky_password: SecretStr | None = setting(kinds.unset_or(kinds.secret()), None, "Bluesky app password")
    mastodon_servers: tuple[str, ...] = setting(
        kinds.listed(kinds.server), (), "Mastodon servers to read, separated by commas"
    )
    mastodon_token: SecretStr | None = setting(
        kinds.unset_or(kinds.secret()),
        None,
        "Mastodon access token for searching, of the first server in HYPEWATCH_MASTODON_SERVERS",
    )
    openalex_key: SecretStr | None = setting(
        kinds.unset_or(kinds.secret()),
        None,
        "OpenAlex API key, which is free; without it OpenAlex answers a few requests a day",
    )
    gdelt_api_url: str = setting(
        kinds.text(kinds.web_address),
        "https://api.gdeltproject.org",
        "Address of the GDELT DOC API (for tests and proxies)",
    )
    allow_private_networks: tuple[str, ...] = setting(
        kinds.listed(), (), "host:port list of addresses in your own network that may be read"
    )
    heartbeat_url: SecretStr | None = setting(
        kinds.unset_or(kinds.secret(partial(kinds.web_address, shown=False))),
        None,
        "http(s) address that is asked each minute while work is done: an outside service that alarms when it falls silent",
    )
    oidc_issuer: str = setting(
        kinds.text(kinds.issuer),
        "",
        "OpenID Connect issuer where people sign in too, with the extra [oidc]; only who was invited comes in",
    )
    oidc_client_id: str = setting(kinds.text(), "", "What Hypewatch is called there")
    oidc_client_secret: SecretStr | None = setting(kinds.unset_or(kinds.secret()), None, "Its secret there")
    api_per_minute: int = setting(
        kinds.whole(),
        600,
        "Requests to the API that a key may make in a minute, counted by each process for itself; 0 is no limit",
    )
    sign_in_tries: int = setting(
        kinds.whole(1, 100),
        TRIES_OF_ADDRESS,
        "Wrong passwords for one address, after which it waits a quarter of an hour; counted in the database, over all processes",
    )
    sign_in_tries_of_place: int = setting(
        kinds.whole(1, 10_000),
        TRIES_OF_PLACE,
        "Wrong passwords, and asked sign-in links, from one place, whatever the address: a whole office may be behind one",
    )
    strangers_per_minute: int = setting(
        kinds.whole(),
        300,
        "Requests that may come in a minute from one address by people who have not signed in and programs without a key (sign-in, links from mails), counted by each process for itself; 0 is no limit",
    )
    log_format: Literal["text", "json"] = setting(kinds.one_of("text", "json"), "text", "Form of the log lines")
    sentry_dsn: SecretStr | None = setting(
        kinds.unset_or(kinds.secret()), None, "Where crashes are reported; default: nowhere"
    )
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The settings that somebody set."""

    @property
    def database(self) -> str:
        """Address of the database, SQLite in the home unless set."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return sqlite_url(self.home / "hypewatch.db")

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
        given = {name: getattr(self, name) for name in kinds.settings_of(self) if name.startswith(before)}
        return {name.removeprefix(before): _told(value) for name, value in given.items()}

    @property
    def broker(self) -> str:
        return self.broker_url.get_secret_value()

    @property
    def public_url(self) -> str:
        """The address a mail's links begin with."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"


def address_setting(kind: FeedKind) -> str:
    """The setting for where a kind is asked, as the settings name it (x_api_url, bluesky_stream_url)."""
    return f"{kind.slug}_{'stream' if kind.streams else 'api'}_url"


_MEANS = (
    "Address that {} is asked at: for tests, a proxy, or a server of your own",
    "Address that {} is followed live at: for tests, or another server",
)


def _addresses() -> list[tuple[str, type, Any]]:
    """A setting for each kind that is asked at an address."""
    return [
        (
            address_setting(kind),
            str,
            setting(
                kinds.text(partial(kinds.web_address, schemes=("wss", "ws") if kind.streams else kinds.HTTP)),
                kind.address,
                _MEANS[kind.streams].format(kind.label),
            ),
        )
        for kind in FeedKind
        if kind.address
    ]


#: What everyone means by the settings: those above, and an address for each line of FeedKind that names one. A type
#: checker cannot follow fields that are made from a table; they are read by `address`.
if TYPE_CHECKING:
    Settings = OwnSettings
else:
    Settings = make_dataclass("Settings", _addresses(), bases=(OwnSettings,), frozen=True, kw_only=True)

#: Every setting by its name, as TOML writes it.
SETTINGS: Mapping[str, Setting] = kinds.settings_of(Settings)
#: Settings that hold a secret: never shown, and also read from the file named by NAME_FILE.
SECRETS = tuple(name.upper() for name, one in SETTINGS.items() if one.kind.secret)


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
    return Settings(**{name: _read(name, value) for name, value in values.items()}, given=frozenset(values))


def _read(name: str, value: Any) -> Any:
    try:
        return SETTINGS[name].kind.read(value)
    except ValueError as error:
        shown = "" if SETTINGS[name].kind.secret else f" (it is {value!r})"
        raise SettingError(
            f"{PREFIX}{name.upper()}: {error}{shown}.", "See `hypewatch help operations` for what it may hold."
        ) from None


def names() -> tuple[str, ...]:
    """Every setting's name as the environment writes it."""
    return tuple(PREFIX + name.upper() for name in SETTINGS)


def shown(settings: Settings) -> dict[str, str]:
    """Name to value as a person may see it: secrets are said to be set, never told."""
    rows = {}
    for name in SETTINGS:
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
        if name not in SETTINGS or name == "home":
            near = difflib.get_close_matches(name, SETTINGS, n=1)
            raise SettingError(
                f"{path} sets {name!r}, which is no setting of Hypewatch.",
                f"Did you mean {near[0]!r}?" if near else "`hypewatch config show` lists them all.",
            )
    return values
