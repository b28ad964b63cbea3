"""The only composition root: settings in, a World out. Commands, pages and workers start here."""

from __future__ import annotations

import os
import secrets
import socket
from email.utils import parseaddr
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.clock import SharedClock, utc_now
from monitor.core.digests.delivery import RESENDS
from monitor.core.errors import SettingError, StorageReadOnlyError
from monitor.core.model import FeedKind, Network
from monitor.home_files import close_home, follow
from monitor.ports import Budget, Deps
from monitor.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from monitor.core.digests.subscribers import SentMail
    from monitor.core.search.nodes import Query
    from monitor.library.live import LiveLibrary
    from monitor.library.load import Library
    from monitor.pipeline.health import HealthCheck
    from monitor.ports import PostSource, Store
    from monitor.settings import Settings
    from monitor.sources.connector import Setup
    from monitor.sources.http.client import HttpClient
    from monitor.sources.papers.gdelt import Gdelt
    from monitor.sources.papers.lookup import PaperLookup
    from monitor.sources.single_sign_on import SingleSignOn


class Service:
    """Opens what the settings name, each part when it is first needed: a search does not load the mail room."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] | None = None) -> None:
        """Nothing is opened yet. `clock` returns aware UTC; by default it is the database's, which all processes share. Everything
        inside takes the time as an argument.
        """
        self.settings = settings
        self.clock = clock or self._shared_clock()

    def _shared_clock(self) -> Callable[[], datetime]:
        """A file of SQLite is on this machine, and so is its clock."""
        if self.settings.database.startswith("sqlite:///"):
            return utc_now
        return SharedClock(self._time)

    def _time(self) -> datetime:
        return self.store.time()

    @cached_property
    def store(self) -> Store:
        """The database, its schema brought up to date."""
        from monitor.storage.store import open_store

        url = self.settings.database
        if url.startswith("sqlite:///"):
            self.make_home()
        store = open_store(url)
        store.upgrade()
        return store

    @cached_property
    def library(self) -> LiveLibrary:
        from monitor.library.live import LiveLibrary

        return LiveLibrary(self.store, self.settings.home / "studies")

    def ask(self, text: str) -> Query:
        """A search as a person typed it, ready to be answered. Raises QueryError with a sentence and a place."""
        from monitor.pipeline.ask import ask

        return ask(text, now=self.clock(), store=self.store, library=self._library_now)

    def _library_now(self) -> Library:
        return self.library.current()

    def rules_with(self, files: Mapping[str, str]) -> Library:
        """The Library as it would be with these files as your pack."""
        from monitor.library.load import Library

        return Library(self.library.sheets(), files)

    @cached_property
    def key(self) -> str:
        """Signs links: HYPEWATCH_SECRET_KEY, else one that is made once and kept in the database."""
        if self.settings.secret_key:
            return self.settings.secret_key.get_secret_value()
        return self.store.set_setting("secret-key", secrets.token_urlsafe(32), only_if_absent=True)

    def prepare(self) -> None:
        """Write what is written once, so that who only reads later waits for no lock: the schema as it is now, and the key."""
        self.store.upgrade()
        _ = self.key

    @cached_property
    def door(self) -> HttpClient:
        """The one door to the network."""
        from monitor import __version__
        from monitor.sources.http.client import HttpClient
        from monitor.sources.http.rate_limit import SharedRateLimit

        settings = self.settings
        return HttpClient(
            allow_private=frozenset({*settings.allow_private_networks, *self._api_hosts()}),
            contact=settings.contact,
            host_gap=settings.host_gap,
            version=__version__,
            rate_limit=SharedRateLimit(self.store, self.clock),
        )

    @cached_property
    def courier(self) -> HttpClient:
        """The door for telling others something."""
        return self._quick_door()

    @cached_property
    def single_sign_on(self) -> SingleSignOn | None:
        """Where people sign in at their own organisation; None if it is not set. Raises SettingError if it is set by half."""
        from monitor.sources.single_sign_on import SingleSignOn

        settings = self.settings
        if not settings.oidc_issuer:
            return None
        issuer = urlsplit(settings.oidc_issuer)  # may be in one's own network: whoever sets it means it
        if not settings.oidc_client_id or settings.oidc_client_secret is None:
            raise SettingError(
                "HYPEWATCH_OIDC_ISSUER is set without HYPEWATCH_OIDC_CLIENT_ID and HYPEWATCH_OIDC_CLIENT_SECRET.",
                "Set all three; the issuer gives you the two.",
            )
        return SingleSignOn(
            caller=self._quick_door(f"{issuer.hostname}:{issuer.port or (443 if issuer.scheme == 'https' else 80)}"),
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            back=f"{settings.public_url}/sign-in/oidc/back",
            clock=self.clock,
        )

    def _quick_door(self, *more: str) -> HttpClient:
        """A door under the same laws, with less time, and without manners for crawlers; `more` are hosts of one's own network."""
        from monitor import __version__
        from monitor.sources.http.client import HttpClient

        return HttpClient(
            allow_private=frozenset({*self.settings.allow_private_networks, *more}),
            contact=self.settings.contact,
            host_gap=0.0,
            version=__version__,
            deadline=15.0,
            connect_timeout=5.0,
            most_bytes=1_000_000,
        )

    @cached_property
    def health(self) -> HealthCheck:
        """How work stands, asked by `/healthz` and before a heartbeat."""
        from monitor.pipeline.health import HealthCheck

        return HealthCheck()

    @cached_property
    def deps(self) -> Deps:
        """Everything the use cases may touch."""
        from monitor.library.wording import wording
        from monitor.mail.letters import LetterPrinter
        from monitor.mail.printer import Printer
        from monitor.mail.smtp import open_mailer
        from monitor.sources.feeds.parse import parse_feed
        from monitor.sources.pages.page import PageReader

        settings, door = self.settings, self.door
        if not settings.smtp_url:
            self.make_home()  # the outbox is in it
        return Deps(
            store=self.store,
            library=self.library,
            rules_with=self.rules_with,
            fetcher=door,
            read_feed=parse_feed,
            networks=self._networks(),
            pages=PageReader(door, clock=self.clock),
            papers=self.papers,
            mailer=open_mailer(settings.smtp, plain_password=settings.smtp_plain_password),
            caller=self.courier,
            printer=Printer(
                base_url=settings.public_url,
                sender=settings.mail_from,
                key=self.key,
                wording=wording,
                signed=self._signer(),
            ),
            letters=LetterPrinter(sender=settings.mail_from, key=self.key, signed=self._signer()),
            budgets=self.budgets(),
            tries_of_address=settings.sign_in_tries,
            tries_of_place=settings.sign_in_tries_of_place,
            clock=self.clock,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            mail_from=settings.mail_from,
            base_url=settings.public_url,
            resends=RESENDS if settings.mail_unknown == "resend" else 0,
        )

    @cached_property
    def papers(self) -> PaperLookup:
        """The indexes that one paper is asked of by its DOI."""
        from monitor.sources.papers.lookup import PaperLookup

        return PaperLookup(
            self.door,
            europepmc_url=self.settings.address(FeedKind.EUROPEPMC_WATCH),
            crossref_url=self.settings.address(FeedKind.CROSSREF_WATCH),
            contact=self.settings.contact,
            clock=self.clock,
        )

    @cached_property
    def gdelt(self) -> Gdelt:
        """The archive of news that `mentions backfill` asks."""
        from monitor.sources.papers.gdelt import Gdelt

        return Gdelt(self.door, api_url=self.settings.gdelt_api_url, clock=self.clock)

    @property
    def contact(self) -> str:
        """How whoever runs this is reached by who gets a letter: HYPEWATCH_CONTACT, else the sender of mails; "" if neither is set."""
        address = parseaddr(self.settings.mail_from)[1]
        return self.settings.contact or ("" if address.endswith("@localhost") else address)

    @property
    def mails(self) -> bool:
        """Does mail leave this machine, or does it stay in the outbox?"""
        return not self.settings.smtp.startswith("outbox:")

    def budgets(self) -> Mapping[str, Budget]:
        """What may be spent, by network: one that has a setting for posts a day and a month charges for them."""
        own = {network.value: self.settings.of(network.value) for network in Network}
        return {
            name: Budget(per_day=int(given["posts_per_day"]), per_month=int(given["posts_per_month"]))
            for name, given in own.items()
            if "posts_per_day" in given
        }

    def _signer(self) -> Callable[[bytes], bytes]:
        from monitor.mail.dkim import open_signer

        settings = self.settings
        return open_signer(
            selector=settings.dkim_selector,
            domain=settings.dkim_domain,
            key=settings.dkim_key.get_secret_value() if settings.dkim_key else "",
            sender=settings.mail_from,
        )

    def forget_mails(self, mails: Sequence[SentMail] | None = None) -> int:
        """Take from the outbox these mails, or those that told of what was withdrawn later; returns how many.

        Mails that a server took are beyond our reach.
        """
        from monitor.mail.outbox import Outbox
        from monitor.mail.smtp import open_mailer

        mailer = open_mailer(self.settings.smtp, plain_password=self.settings.smtp_plain_password)
        if not isinstance(mailer, Outbox):
            return 0
        if mails is None:
            told = [(digest.message_id, digest.recipient) for digest in self.store.withdrawn_digests()]
            told += [(letter.message_id, letter.recipient) for letter in self.store.withdrawn_letters()]
        else:
            told = [(mail.message_id, mail.recipient) for mail in mails]
        return sum(mailer.forget(message_id, recipient) for message_id, recipient in told)

    def follow_rules(self, was: Mapping[str, str], now: Mapping[str, str]) -> Sequence[Path]:
        """Bring the folder of rule files from what was in use to what is; returns the files that somebody edited and that are left
        as they are. Without a home on this machine nothing is done; in one without the folder it is made, with every file.
        """
        folder = self.settings.home / "rules"
        if folder.is_dir():
            return follow(folder, was, now)
        return follow(folder, {}, now) if os.access(self.settings.home, os.W_OK) else ()

    def make_home(self) -> Path:
        """The home folder, made if need be, and read by nobody else: addresses of people are in it.

        Raises StorageReadOnlyError with a sentence if it cannot be made.
        """
        home = self.settings.home
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            close_home(home)
        except OSError as error:
            raise StorageReadOnlyError(
                f"The folder {home} cannot be made or written ({error.strerror}).",
                "Set HYPEWATCH_HOME to a folder of yours.",
            ) from None
        return home

    def _networks(self) -> Mapping[FeedKind, PostSource]:
        """Each line of FeedKind that names a class, as an object. One that lacks its key says so itself when it is read."""
        from monitor.sources.connector import connector

        return {kind: connector(kind)(self._setup(kind)) for kind in FeedKind if kind.connector}

    def _setup(self, kind: FeedKind) -> Setup:
        from monitor.sources.connector import Setup

        return Setup(
            door=self.door,
            clock=self.clock,
            study_of=self.library.study,
            stored=self.store.stored_identities,
            address=self.settings.address(kind),
            own=self.settings.of(kind.slug),
            contact=self.settings.contact,
        )

    def _api_hosts(self) -> set[str]:
        """A network's address that was set by hand may be in one's own network: whoever sets it means it.

        Of servers that are named by the dozen, as Mastodon's are, those written with a port: the others are public, and
        asked with manners.
        """
        urls = [
            url
            for name in SETTINGS
            if name.endswith(("_api_url", "_stream_url"))
            and (url := getattr(self.settings, name)) != SETTINGS[name].default
        ]
        servers = [url for name in SETTINGS if name.endswith("_servers") for url in getattr(self.settings, name)]
        urls += [url for url in servers if "://" in url and urlsplit(url).port]
        parts = [urlsplit(url) for url in urls]
        return {
            f"{part.hostname}:{part.port or (443 if part.scheme in {'https', 'wss'} else 80)}"
            for part in parts
            if part.hostname
        }
