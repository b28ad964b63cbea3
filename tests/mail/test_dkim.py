"""DKIM: the signature holds for what was frozen, covers the headers that matter, and a wrong setting is one sentence."""

from __future__ import annotations

import base64
import subprocess
import sys
from datetime import UTC, datetime, time

import dkim
import pytest

from monitor.core.digests.subscribers import Subscriber, SubscriberState, Subscription, Wishes
from monitor.core.errors import SettingError
from monitor.mail.dkim import open_signer, unsigned
from monitor.mail.letters import LetterPrinter
from monitor.mail.printer import Printer
from monitor.service import Service
from monitor.settings import load

NOW = datetime(2026, 3, 24, 7, tzinfo=UTC)
SENDER = "Hypewatch <news@press.example.org>"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A private key in PEM, and what the DNS says of its public half."""
    private = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    public = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=private, capture_output=True, check=True
    )
    return private.decode(), b"v=DKIM1; k=rsa; p=" + base64.b64encode(public.stdout)


@pytest.fixture
def dns(pair):
    asked = []

    def answer(name, timeout=5):
        asked.append(name)
        return pair[1]

    answer.asked = asked
    return answer


def signer(pair, **changes):
    return open_signer(**{"selector": "hw1", "domain": "", "key": pair[0], "sender": SENDER} | changes)


def test_a_mail_is_signed_for_the_senders_domain(pair, dns):
    person = Subscriber(id=1, email="ada@example.org", name="Ada 脊髄", state=SubscriberState.PENDING, created_at=NOW)
    wish = Subscription(
        id=1, subscriber=person, study_id="s", wishes=Wishes(at=time(7), zone="Asia/Tokyo"), created_at=NOW
    )
    printer = Printer(base_url="https://watch.example.org", sender=SENDER, key="k", signed=signer(pair))
    for mail in (
        printer.trial("ada@example.org", now=NOW),
        printer.confirmation(wish, "Keio の研究", now=NOW),
        LetterPrinter(sender=SENDER, key="k", signed=signer(pair)).mail(
            subject="Hypewatch",
            text="A correction.",
            recipient="editor@example.org",
            reply_to="",
            letter_id=1,
            number=1,
            now=NOW,
        )[1],
    ):
        assert dkim.verify(mail, dnsfunc=dns)
        assert dns.asked[-1] == b"hw1._domainkey.press.example.org."
        assert not dkim.verify(mail.replace(b"Hypewatch", b"Hypewitch"), dnsfunc=dns)


def test_what_unsubscribes_is_signed_and_no_second_header_fits_in(pair, dns):
    mail = signer(pair)(
        b"From: news@press.example.org\r\nTo: ada@example.org\r\nSubject: s\r\n"
        b"List-Unsubscribe: <https://watch.example.org/l/unsubscribe/x>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nbody\r\n"
    )
    assert dkim.verify(mail, dnsfunc=dns)
    for old, new in (
        (b"/l/unsubscribe/x", b"/l/unsubscribe/y"),
        (b"One-Click", b"Two-Click"),
        (b"\r\nSubject: s", b"\r\nSubject: s\r\nSubject: other"),
        (b"\r\nFrom:", b"\r\nFrom: other@example.org\r\nFrom:"),
    ):
        assert old in mail
        assert not dkim.verify(mail.replace(old, new, 1), dnsfunc=dns), new


def test_another_domain_can_be_named(pair, dns):
    assert dkim.verify(signer(pair, domain="example.org")(b"From: a@example.org\r\n\r\nx\r\n"), dnsfunc=dns)
    assert dns.asked[-1] == b"hw1._domainkey.example.org."


def test_without_a_key_nothing_is_signed():
    assert open_signer(selector="", domain="", key="", sender=SENDER) is unsigned
    assert unsigned(b"x") == b"x"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"key": ""}, "HYPEWATCH_DKIM_SELECTOR is set and HYPEWATCH_DKIM_KEY is not"),
        ({"selector": ""}, "HYPEWATCH_DKIM_KEY is set and HYPEWATCH_DKIM_SELECTOR is not"),
        ({"selector": "a b"}, "HYPEWATCH_DKIM_SELECTOR is no name in the DNS"),
        ({"domain": "x; d=other"}, "HYPEWATCH_DKIM_DOMAIN is no name in the DNS"),
        ({"key": "hunter2"}, "HYPEWATCH_DKIM_KEY is no private RSA key in PEM"),
        (
            {"key": "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\n"},
            "HYPEWATCH_DKIM_KEY is no private RSA key in PEM",
        ),
        ({"key": "-----BEGIN é"}, "HYPEWATCH_DKIM_KEY is no private RSA key in PEM"),
    ],
)
def test_a_wrong_setting_is_one_sentence_without_the_key(pair, changes, sentence):
    with pytest.raises(SettingError, match=sentence) as told:
        signer(pair, **changes)
    assert "hunter2" not in str(told.value)


def test_without_the_extra_it_says_how_to_get_it(pair, monkeypatch):
    monkeypatch.setitem(sys.modules, "dkim.crypto", None)
    with pytest.raises(SettingError, match=r"not installed\. `pip install 'hypewatch\[dkim\]'`"):
        signer(pair)


def test_the_settings_reach_the_mail_and_the_key_is_a_secret(pair, dns, tmp_path):
    key = tmp_path / "dkim.pem"
    key.write_text(pair[0])
    settings = load(
        {
            "HYPEWATCH_HOME": str(tmp_path),
            "HYPEWATCH_MAIL_FROM": SENDER,
            "HYPEWATCH_DKIM_SELECTOR": "hw1",
            "HYPEWATCH_DKIM_KEY_FILE": str(key),
        }
    )
    service = Service(settings)
    assert dkim.verify(service.deps.printer.trial("a@example.org", now=NOW), dnsfunc=dns)
    assert "PRIVATE" not in repr(service.deps.printer)
    service.store.close()
