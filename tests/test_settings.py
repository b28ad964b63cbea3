"""Settings: environment over file over default; secrets from files and never shown; a typo is told with a suggestion."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from monitor import settings
from monitor.core.errors import SettingError
from monitor.setting_kinds import SecretStr
from monitor.settings import PREFIX, SECRETS, SETTINGS, load, names, shown


def test_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    loaded = load({})
    home = tmp_path / "hypewatch"
    assert (loaded.home, loaded.database, loaded.smtp, loaded.broker) == (
        home,
        f"sqlite:///{home / 'hypewatch.db'}",
        f"outbox:{home / 'outbox'}",
        "memory://",
    )
    assert (loaded.public_url, loaded.x_bearer_token, loaded.allow_private_networks) == (
        "http://127.0.0.1:8080",
        None,
        (),
    )
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings.default_home() == tmp_path / ".local" / "share" / "hypewatch"


def test_environment_over_file_over_default_and_flags_over_all(tmp_path):
    (tmp_path / "hypewatch.toml").write_text('port = 9001\nhost_gap = 2.5\ncontact = "file"\n')
    environment = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_PORT": "9002"}
    loaded = load(environment)
    assert (loaded.port, loaded.host_gap, loaded.contact, loaded.host) == (9002, 2.5, "file", "127.0.0.1")
    assert load(environment, port=9003).port == 9003


def test_lists_are_written_with_commas(tmp_path):
    loaded = load(
        {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_ALLOW_PRIVATE_NETWORKS": " 10.0.0.1:80, intranet:8080 ,"}
    )
    assert loaded.allow_private_networks == ("10.0.0.1:80", "intranet:8080")


@pytest.mark.parametrize(("host", "url"), [("::1", "http://[::1]:8080"), ("0.0.0.0", "http://0.0.0.0:8080")])
def test_the_public_address(tmp_path, host, url):
    assert load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_HOST": host}).public_url == url
    named = load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_BASE_URL": "https://watch.example.org/"})
    assert named.public_url == "https://watch.example.org"


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_comes_from_a_file_too_and_is_never_shown(tmp_path, name):
    secret = {"DATABASE_URL": "postgresql://me:hunter2@db/x", "HEARTBEAT_URL": "https://alarm.example/hunter2"}.get(
        name, "redis://:hunter2@broker/0"
    )
    path = tmp_path / "secret"
    path.write_text(f"{secret}\n")
    loaded = load({"HYPEWATCH_HOME": str(tmp_path), f"HYPEWATCH_{name}_FILE": str(path)})
    assert getattr(loaded, name.lower()).get_secret_value() == secret
    rows = shown(loaded)
    assert rows[f"HYPEWATCH_{name}"] == "(set, not shown)"
    assert "hunter2" not in f"{rows} {loaded} {loaded!r}"


def test_an_empty_secrets_file_sets_nothing(tmp_path):
    """As compose hands it over before anybody wrote into it."""
    (tmp_path / "smtp").write_text(" \n")
    environment = {"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_SMTP_URL_FILE": str(tmp_path / "smtp")}
    assert load(environment).smtp_url is None
    assert load(environment | {"HYPEWATCH_SMTP_URL": "smtp://mail.example"}).smtp == "smtp://mail.example"


def test_every_field_that_names_a_secret_is_one():
    assert set(SECRETS) == {
        "SECRET_KEY", "DATABASE_URL", "BROKER_URL", "SMTP_URL", "SENTRY_DSN",
        "X_BEARER_TOKEN", "BLUESKY_PASSWORD", "MASTODON_TOKEN", "OPENALEX_KEY", "DKIM_KEY", "HEARTBEAT_URL",
        "OIDC_CLIENT_SECRET",
    }  # fmt: skip
    assert all(field.description for field in SETTINGS.values())
    assert names() == tuple(f"HYPEWATCH_{name.upper()}" for name in SETTINGS)


WRONG = {
    "a typo": (
        {"HYPEWATCH_PROT": "1"},
        "sets HYPEWATCH_PROT, which is no setting of Hypewatch. Did you mean HYPEWATCH_PORT?",
    ),
    "no near name": ({"HYPEWATCH_ZZZZZZ": "1"}, "`hypewatch config show` lists them all."),
    "a file for what is no secret": ({"HYPEWATCH_PORT_FILE": "x"}, "HYPEWATCH_PORT_FILE, which is no setting"),
    "no number": ({"HYPEWATCH_PORT": "eighty"}, "HYPEWATCH_PORT: "),
    "too large": ({"HYPEWATCH_PORT": "70000"}, "(it is '70000')"),
    "no address": ({"HYPEWATCH_BASE_URL": "watch.example"}, "must begin with http:// or https://"),
    "no form of logs": ({"HYPEWATCH_LOG_FORMAT": "xml"}, "'text' or 'json'"),
    "a secret's file that is missing": (
        {"HYPEWATCH_SMTP_URL_FILE": "/no/such"},
        "HYPEWATCH_SMTP_URL_FILE names /no/such",
    ),
    "a secret's file that is no text": (
        {"HYPEWATCH_SMTP_URL_FILE": sys.executable},
        "which cannot be read (it is no text in UTF-8).",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_line(tmp_path, case):
    environment, words = WRONG[case]
    with pytest.raises(SettingError) as told:
        load({"HYPEWATCH_HOME": str(tmp_path)} | environment)
    assert words in str(told.value)
    assert (told.value.exit_code, "\n" in str(told.value)) == (2, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1\n", "sets 'prot', which is no setting of Hypewatch. Did you mean 'port'?"),
        ("port 1\n", "Mend that line"),
        ('home = "/tmp"\n', "sets 'home'"),
        ("port = 'x'\n", "HYPEWATCH_PORT: "),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_path(tmp_path, text, words):
    (tmp_path / "hypewatch.toml").write_text(text)
    with pytest.raises(SettingError) as told:
        load({"HYPEWATCH_HOME": str(tmp_path)})
    assert words in str(told.value)
    assert str(tmp_path) in str(told.value) or "HYPEWATCH_PORT" in str(told.value)


def test_names_of_the_tests_are_ignored_and_others_are_not_ours(tmp_path):
    loaded = load({"HYPEWATCH_HOME": str(tmp_path), "HYPEWATCH_TEST_REDIS_URL": "x", "HYPEWATCHER": "y", "PORT": "1"})
    assert loaded.port == 8080


def test_the_environment_is_read_in_one_place_only():
    """Nothing but the settings knows the environment (the home's default is theirs, too)."""
    root = Path(__file__).parents[1]
    readers = [
        str(path.relative_to(root))
        for folder in ("monitor", "workers")
        for path in sorted((root / folder).rglob("*.py"))
        if any(word in path.read_text(encoding="utf-8") for word in ("os.environ", "getenv"))
    ]
    assert readers == ["monitor/settings.py"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("X_API_URL", "api.x.com", "must begin with http:// or https://"),
        ("BLUESKY_API_URL", "http://host:port", "is no address that can be read: http://host:port"),
        ("HACKERNEWS_API_URL", "https://", "names no host: https://"),
        ("BLUESKY_STREAM_URL", "https://jetstream.example", "must begin with wss:// or ws://"),
        ("MASTODON_SERVERS", "mastodon.social,ftp://other.example", "must begin with http:// or https://"),
    ],
)
def test_an_address_that_is_none_is_told(name, value, said):
    with pytest.raises(SettingError, match=f"HYPEWATCH_{name}: .*{said}"):
        load({f"HYPEWATCH_{name}": value})


def test_addresses_of_networks():
    loaded = load({"HYPEWATCH_BLUESKY_API_URL": "https://pds.example/", "HYPEWATCH_MASTODON_SERVERS": "a.example, b.example"})  # fmt: skip
    assert (loaded.bluesky_api_url, loaded.hackernews_api_url, loaded.mastodon_servers) == (
        "https://pds.example",
        "https://hn.algolia.com",
        ("a.example", "b.example"),
    )
    assert loaded.bluesky_stream_url == "wss://jetstream2.us-east.bsky.network"


def test_the_sender_is_one_address_with_its_domain_in_ascii(tmp_path):
    environment = {"HYPEWATCH_HOME": str(tmp_path)}
    assert (
        load(environment | {"HYPEWATCH_MAIL_FROM": "Wätch <w@exämple.org>"}).mail_from == "Wätch <w@xn--exmple-cua.org>"
    )
    with pytest.raises(SettingError, match=r"HYPEWATCH_MAIL_FROM.*is not one mail address"):
        load(environment | {"HYPEWATCH_MAIL_FROM": "Watch <nobody>"})


def test_a_line_with_nothing_behind_the_sign_sets_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    usual = load({})
    empty = dict.fromkeys((*names(), *(f"{PREFIX}{name}_FILE" for name in SECRETS)), " ")
    assert load(empty) == usual
    assert usual.home.is_absolute()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "must be a whole number (it is 'eighty')"),
        ("PORT", "8.5", "must be a whole number (it is '8.5')"),
        ("PORT", "-1", "must be from 0 to 65535 (it is '-1')"),
        ("HOST_GAP", "-0.5", "must be 0 or more (it is '-0.5')"),
        ("HOST_GAP", "nan", "must be 0 or more (it is 'nan')"),
        ("HOST_GAP", "inf", "must be 0 or more (it is 'inf')"),
        ("SMTP_PLAIN_PASSWORD", "perhaps", "must be yes or no (it is 'perhaps')"),
        ("MAIL_UNKNOWN", "forget", "must be 'resend' or 'hold' (it is 'forget')"),
        ("HEARTBEAT_URL", "ftp://hunter2.example", "must begin with http:// or https://."),
    ],
)
def test_what_a_setting_may_hold_is_said_of_what_it_may_not(name, value, said):
    with pytest.raises(SettingError) as told:
        load({f"HYPEWATCH_{name}": value})
    assert str(told.value).startswith(f"HYPEWATCH_{name}: {said}")
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("line", ["port = true", "port = 8.5", "port = [1]", "contact = 5", "mastodon_servers = [5]"])
def test_a_value_of_another_kind_in_the_file_is_told(tmp_path, line):
    (tmp_path / "hypewatch.toml").write_text(f"{line}\n")
    with pytest.raises(SettingError, match=r"must be (a whole number|text)"):
        load({"HYPEWATCH_HOME": str(tmp_path)})


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("off", False)])
def test_yes_and_no_as_people_write_them(word, meant):
    assert load({"HYPEWATCH_SMTP_PLAIN_PASSWORD": word}).smtp_plain_password is meant


def test_a_secret_shows_nowhere_by_itself():
    secret = SecretStr("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert (secret, hash(secret)) == (SecretStr("hunter2"), hash(SecretStr("hunter2")))
    assert secret != "hunter2"
    assert secret.get_secret_value() == "hunter2"
