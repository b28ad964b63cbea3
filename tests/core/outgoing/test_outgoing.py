"""What other programs and chats are told, how a call is signed, and what follows an attempt."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.core.errors import UsageError
from monitor.core.outgoing import chat
from monitor.core.outgoing.hook import WAITS, CallState, Event, Service, ToldFlag, after_call, check_hook, read_events
from monitor.core.outgoing.notice import Notice, body_of, last_of_the_day, of_digest
from monitor.core.outgoing.signature import secret_of, signed_headers

NOW = datetime(2026, 3, 24, 7, tzinfo=UTC)
TELEGRAM = "https://api.telegram.org/bot1:a/sendMessage?chat_id=-100"
MATRIX = "https://matrix.example/_matrix/client/v3/rooms/!a:example/send/m.room.message?access_token=syt_x"
HOSTILE = (
    "@channel @everyone @here ＠all <!channel> <@U1> <https://evil.example|click> [click](https://evil.example) "
    "**bold** `code` ~~no~~ > quote # head ||spoiler|| & done"
)


def notice(*lines: str) -> Notice:
    return Notice(Event.FLAG, lines or (HOSTILE,), "https://watch.example.org/mentions/1", {"quote": HOSTILE})


# --- signatures -------------------------------------------------------------------------------------------------------


def test_a_receiver_of_standard_webhooks_takes_the_signature():
    secret, body = secret_of(b"0123456789abcdef0123456789abcdef"), body_of(notice("脊髄 “walks”"), NOW)
    now = datetime.now(UTC)
    headers = dict(signed_headers(secret, "msg_1", now, body))
    receiver = Webhook(secret)
    assert receiver.verify(body, headers)["data"] == {"quote": HOSTILE}
    for changed in (
        (body + b" ", headers),
        (body, headers | {"webhook-id": "msg_2"}),
        (body, headers | {"webhook-timestamp": str(int(now.timestamp()) - 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            receiver.verify(*changed)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(b"another")).verify(body, headers)


def test_the_example_of_the_specification():
    """standard-webhooks, spec and libraries: the same secret, id, time and body give the same signature everywhere."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_none_is_one_sentence():
    with pytest.raises(UsageError, match="cannot be read"):
        signed_headers("whsec_é", "m", NOW, b"")


# --- what follows an attempt ------------------------------------------------------------------------------------------


def test_waits_grow_and_end():
    waits, attempts, now = [], 0, NOW
    while True:
        attempts += 1
        after = after_call(500, attempts, now)
        if after.state is CallState.DEAD:
            break
        waits.append(after.not_before - now)
    assert tuple(waits) == WAITS
    assert attempts == len(WAITS) + 1


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "sent"),
        (204, "sent"),
        (301, "waiting"),
        (400, "waiting"),
        (410, "dead"),
        (429, "waiting"),
        (None, "waiting"),
    ],
)
def test_what_an_answer_means(status, state):
    after = after_call(status, 1, NOW)
    assert after.state == state
    assert bool(after.disabled) is (status == 410)


def test_who_asks_to_come_later_is_heard():
    assert after_call(429, 1, NOW, timedelta(hours=1)).not_before == NOW + timedelta(hours=1)
    assert after_call(429, 4, NOW, timedelta(minutes=1)).not_before == NOW + timedelta(hours=2)


def test_a_chat_hears_of_a_story_once_and_a_program_of_each_flag():
    two = [ToldFlag(1, 5, 9, NOW), ToldFlag(2, 6, 9, NOW), ToldFlag(3, 7, None, NOW)]
    assert [flag.key(Service.SLACK) for flag in two] == ["story:9", "story:9", "mention:7"]
    assert [flag.key(Service.WEBHOOK) for flag in two] == ["flag:1", "flag:2", "flag:3"]


# --- addresses and events ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "ftp://x.example", "javascript:alert(1)", "https://me:pw@x.example/", "x.example"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(UsageError, match="no web address"):
        check_hook(Service.WEBHOOK, url)


def test_an_address_of_a_chat_has_what_the_chat_needs():
    assert check_hook(Service.TELEGRAM, TELEGRAM) == TELEGRAM
    assert check_hook(Service.MATRIX, MATRIX) == MATRIX
    with pytest.raises(UsageError, match="bot and a chat"):
        check_hook(Service.TELEGRAM, "https://api.telegram.org/bot1:a/sendMessage")
    with pytest.raises(UsageError, match="room and an access token"):
        check_hook(Service.MATRIX, "https://matrix.example/")


def test_events_are_named_or_all():
    assert read_events([]) == (Event.FLAG, Event.DIGEST)
    assert read_events(["digest.sent", "digest.sent"]) == (Event.DIGEST,)
    with pytest.raises(UsageError, match="no event 'flag'"):
        read_events(["flag"])


# --- chats ------------------------------------------------------------------------------------------------------------


def body(service: Service, *lines: str, url: str = TELEGRAM) -> dict:
    return json.loads(chat.body_for(service, notice(*lines), url))


@pytest.mark.parametrize("service", [service for service in Service if service.chat])
def test_a_hostile_headline_calls_nobody_and_leads_nowhere(service):
    told = json.dumps(body(service), ensure_ascii=False)
    for name in ("@channel", "@everyone", "@here", "＠all", "@U1", "<!channel>", "://evil"):
        assert name not in told, name
    assert "https://watch.example.org/mentions/1" in told


def test_slack():
    told = body(Service.SLACK, "<!here> & 1 < 2")
    assert told["text"] == "&lt;!here&gt; &amp; 1 &lt; 2\n<https://watch.example.org/mentions/1|Open in Hypewatch>"
    assert told["unfurl_links"] is told["unfurl_media"] is False


def test_discord_and_mattermost_take_no_markdown_of_others():
    told = body(Service.DISCORD, "[a](b) **c** `d`")
    assert told["content"].startswith("\\[a\\]\\(b\\) \\*\\*c\\*\\* \\`d\\`\n")
    assert told["allowed_mentions"] == {"parse": []}
    assert body(Service.MATTERMOST, "# [a](b)")["text"].startswith("\\# \\[a\\]\\(b\\)\n")
    long = body(Service.DISCORD, *["x" * 280] * 30)
    assert len(long["content"]) <= 2000


def test_teams_has_a_card_without_markdown():
    (attachment,) = body(Service.TEAMS, "**a**", "b")["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert [block["inlines"][0]["text"] for block in card["body"]] == ["**a**", "b"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert card["actions"][0]["url"] == "https://watch.example.org/mentions/1"


def test_matrix_sends_the_token_in_a_header_and_a_repeat_is_the_same_event():
    assert body(Service.MATRIX, "a", url=MATRIX) == {
        "msgtype": "m.notice",
        "body": "a\nhttps://watch.example.org/mentions/1",
        "m.mentions": {},
    }
    request = chat.request_for(Service.MATRIX, MATRIX, "msg_1")
    assert (request.method, request.headers) == ("PUT", {"authorization": "Bearer syt_x"})
    assert request.url == "https://matrix.example/_matrix/client/v3/rooms/!a:example/send/m.room.message/msg_1"


def test_telegram_names_the_chat_in_the_body():
    assert body(Service.TELEGRAM, "*a*") == {
        "chat_id": "-100",
        "text": "*a*\nhttps://watch.example.org/mentions/1",
        "link_preview_options": {"is_disabled": True},
    }
    assert chat.request_for(Service.TELEGRAM, TELEGRAM, "m").url == "https://api.telegram.org/bot1:a/sendMessage"


# --- notices ----------------------------------------------------------------------------------------------------------


def test_a_digest_tells_no_address_and_counts():
    told = of_digest(
        7,
        study_id="keio",
        study_name="Keio\nstudy",
        date="2026-03-24",
        mentions=1,
        base_url="https://watch.example.org",
    )
    assert told.lines == ("The digest on Keio study for 2026-03-24 went out: 1 mention.",)
    assert told.data == {
        "study": "keio",
        "date": "2026-03-24",
        "mentions": 1,
        "link": "https://watch.example.org/digests/7",
    }
    assert last_of_the_day(told, 20).lines[1].startswith("This is message 20 within a day")
