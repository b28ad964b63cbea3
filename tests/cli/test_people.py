"""`subscribers`, `digest` and `init`: who gets what, and the ledger."""

from __future__ import annotations

import json
from email import message_from_bytes, policy

import pytest

LINE = {
    "url": "https://lantern.example/one",
    "title": "News from Keio",
    "text": "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord.",
    "published": "2026-03-24T08:00:00Z",
    "source": "lantern.example",
}


@pytest.fixture
def told(cli, tmp_path):
    """A home with one mention and one confirmed reader."""
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(LINE))
    cli.ok("mentions", "import", path)
    cli.ok("subscribers", "add", "ada@example.org", "--name", "Ada", "--zone", "Asia/Tokyo", "--confirmed")
    return cli


def mails(cli) -> list:
    return [
        message_from_bytes(path.read_bytes(), policy=policy.SMTP) for path in sorted((cli.home / "outbox").glob("*"))
    ]


def test_a_new_reader_is_asked_first(cli):
    ran = cli("subscribers", "add", "ada@example.org", "--at", "06:30", "--days", "mon,fri", "--format", "json")
    assert (ran.code, ran.err) == (0, "A mail to confirm was sent to ada@example.org.\n")
    (row,) = json.loads(ran.out)
    assert (row["state"], row["at"], row["zone"], row["days"]) == ("pending", "06:30", "UTC", ["mon", "fri"])
    (mail,) = mails(cli)
    assert (str(mail["To"]), str(mail["Subject"])) == ("ada@example.org", "Do you want the Hypewatch digest?")
    ran = cli("digest", "send")
    assert ran.code == 1
    assert ran.told.startswith("Not sent: the subscription is paused, removed or not confirmed")
    assert len(mails(cli)) == 1


def test_what_is_wrong_with_a_reader_is_one_sentence(cli):
    wrong = {
        ("not-an-address",): "not-an-address",
        ("a@x.org, b@y.org",): "a@x.org",
        ("a@x.org\nBcc: b@y.org",): "",
        ("a@x.org", "--zone", "Asia/Tokio"): "'Asia/Tokio' is no time zone. Did you mean Asia/Tokyo?",
        ("a@x.org", "--zone", "Tokyo time"): "is no time zone.",
        ("a@x.org", "--at", "25:00"): "'25:00' is no time of day; write it as 07:00.",
        ("a@x.org", "--days", "mon,someday"): "are no weekdays; write them as mon,tue,fri or mon-fri.",
        ("a@x.org", "--study", "nope"): "There is no study 'nope'.",
    }
    for args, sentence in wrong.items():
        ran = cli("subscribers", "add", *args)
        assert ran.code == 2, args
        assert sentence in ran.told
    assert cli.ok("subscribers", "list") == "Nobody yet. `hypewatch subscribers add ADDRESS` adds a person.\n"
    assert not (cli.home / "outbox").exists()


def test_preview_send_once_and_the_ledger(told, tmp_path):
    shown = told.ok("digest", "preview")
    assert shown.startswith("Subject: 1 drift")
    out = tmp_path / "preview"
    told.ok("digest", "preview", "--out", out)
    assert sorted(path.name for path in out.iterdir()) == ["digest.eml", "digest.html", "digest.txt"]
    # The links that say "this flag is wrong" hold the second they were made in.
    written = (out / "digest.txt").read_text().splitlines()
    assert [line for line in shown.splitlines()[2:] if "/l/" not in line] == [x for x in written if "/l/" not in x]
    assert "walking again" in (out / "digest.html").read_text()
    assert told.ok("digest", "status") == "No digest was made yet. `hypewatch digest send` makes one.\n"

    said = told.ok("digest", "send")
    assert said.startswith("“1 drift")
    assert " for ada@example.org: sent. It was written to " in said
    (day,) = [row["date"] for row in json.loads(told.ok("digest", "status", "--format", "json"))]
    assert f"It is the digest for {day}, as the date is in " in said
    assert "; the next one comes by itself on " in said
    (mail,) = mails(told)
    again = told.ok("digest", "send")
    assert again.startswith("The digest for ")
    assert again.endswith(" was sent before; it is not sent again.\n")
    (kept,) = mails(told)
    assert kept.as_bytes() == mail.as_bytes()
    (row,) = json.loads(told.ok("digest", "status", "--format", "json"))
    assert (row["to"], row["state"], row["attempts"], row["message_id"]) == (
        "ada@example.org",
        "sent",
        1,
        str(mail["Message-ID"]),
    )
    assert [(attempt["attempt"], attempt["outcome"]) for attempt in row["deliveries"]] == [(1, "sent")]
    assert told("digest", "send", "--date", "tomorrow").code == 2
    assert told("digest", "send", 99).code == 2


def test_a_mail_server_that_is_away_is_told_and_tried_again(told):
    told.set(smtp_url="smtp://127.0.0.1:1")
    ran = told("digest", "send")
    assert ran.code == 1
    assert "127.0.0.1:1 could not be reached" in ran.out
    (row,) = json.loads(told.ok("digest", "status", "--format", "json"))
    assert (row["state"], [attempt["outcome"] for attempt in row["deliveries"]]) == ("ready", ["temporary"])


def test_a_refused_digest_is_sent_again_by_hand(told):
    told.set(smtp_url="smtp://127.0.0.1:1")
    told("digest", "send")
    (row,) = json.loads(told.ok("digest", "status", "--format", "json"))
    assert row["how"].startswith("Tried once, next at ")
    assert "it waits to be sent anyway" in told("digest", "resend", row["id"]).told
    assert told("digest", "resend", 99).code == 2


def test_a_test_mail_is_no_digest(told):
    assert told.ok("digest", "test").startswith("A test mail went to ada@example.org. It was written to ")
    told.ok("digest", "test", "bob@example.org")
    assert [str(mail["To"]) for mail in mails(told)] == ["ada@example.org", "bob@example.org"]
    assert {str(mail["Subject"]) for mail in mails(told)} == {"Hypewatch: a test mail"}
    assert json.loads(told.ok("digest", "status", "--format", "json")) == []
    assert told("digest", "test", "a@x.org, b@y.org").code == 2
    told.set(smtp_url="smtp://127.0.0.1:1")
    ran = told("digest", "test")
    assert (ran.code, "127.0.0.1:1 could not be reached" in ran.told) == (1, True)


def test_nobody_to_test_with_is_one_sentence(cli):
    assert "there is no address to test with. Name one." in cli("digest", "test").told


def test_pause_and_remove(told):
    (row,) = json.loads(told.ok("subscribers", "list", "--format", "json"))
    assert (
        told.ok("subscribers", "pause", row["id"], "--days", "7") == f"Subscription {row['id']} is paused for 7 days.\n"
    )
    assert told("digest", "send").code == 1
    assert told.ok("subscribers", "pause", row["id"], "--days", "0") == f"Subscription {row['id']} goes on.\n"
    told.ok("digest", "send")
    assert told.ok("subscribers", "remove", row["id"]) == "Removed. They get no more mail about this study.\n"
    assert told("digest", "send").code in {0, 1}
    assert len(mails(told)) == 1
    assert told("subscribers", "pause", 99).code == 2


def test_nobody_is_subscribed(cli):
    ran = cli("digest", "preview")
    assert (ran.code, ran.told) == (2, "Nobody is subscribed yet. `hypewatch subscribers add ADDRESS` adds a person.")


def test_init_without_questions(bare):
    said = bare.ok(
        "init",
        "--no-input",
        "--feed",
        "https://lantern.example/feed.xml",
        "--email",
        "ada@example.org",
        "--at",
        "06:30",
        "--zone",
        "Asia/Tokyo",
    )
    assert said.splitlines() == [
        f"Your data is in {bare.home}.",
        "Study: Keio University iPS-cell spinal cord injury study.",
        "Source 1: https://lantern.example/feed.xml",
        "The digest goes to ada@example.org at 06:30 (Asia/Tokyo).",
        f"No mail server is set, so mails become files in {bare.home / 'outbox'}. `hypewatch help operations` tells how to set one.",
        "Done. `hypewatch run` starts reading; `hypewatch doctor` checks that all is well.",
    ]
    assert bare.ok("init", "--no-input").splitlines()[-1].startswith("Done."), "twice is harmless"
    (row,) = json.loads(bare.ok("subscribers", "list", "--format", "json"))
    assert (row["email"], row["state"], row["at"]) == ("ada@example.org", "active", "06:30")
    assert "is no web address" in bare("init", "--no-input", "--feed", "lantern").told
    assert "is no time zone" in bare("init", "--no-input", "--email", "b@example.org", "--zone", "Mars").told


def test_init_asks(bare):
    answers = "https://lantern.example/feed.xml https://second.example/rss\nyes\nyes\nno\nada@example.org\nEurope/Berlin\n07:15\n"
    said = bare.ok("init", stdin=answers)
    assert "The digest goes to ada@example.org at 07:15 (Europe/Berlin)." in said
    assert len(json.loads(bare.ok("feeds", "list", "--format", "json"))) == 2
    assert "Registry page on keio-ips-sci" in bare.ok("init", stdin="\nyes\n\n"), "asked again, and answered otherwise"


def test_init_asks_again_at_once(bare):
    answers = [
        "lantern https://second.example/rss",
        "https://second.example/rss", "no",  # it cannot be read
        "https://lantern.example/feed.xml", "yes",
        "no",
        "ada", "ada@b@c", "ada@exämple.org",
        "Mars", "Europe/Berlin",
        "25:00", "07:15",
    ]  # fmt: skip
    said = bare.ok("init", stdin="\n".join([*answers, ""]))
    for told in (
        "'lantern' is no web address.",
        "'ada' is not one mail address.",
        "'Mars' is no time zone.",
        "'25:00' is no time of day",
    ):
        assert told in said
    assert "The digest goes to ada@xn--exmple-cua.org at 07:15 (Europe/Berlin)." in said
    assert [row["url"] for row in json.loads(bare.ok("feeds", "list", "--format", "json"))] == [
        "https://lantern.example/feed.xml"
    ]


def test_init_reads_what_it_is_given_and_finds_the_feed_of_a_home_page(bare, web, fakes):
    bare.set(allow_private_networks=web.host)
    web["/feed.xml"] = fakes.answer(
        '<rss version="2.0"><channel><title>Lantern</title><item><title>A</title><link>http://a.example/1</link></item></channel></rss>'
    )
    page = '<!doctype html><title>Home</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    web["/"] = fakes.answer(page, content_type="text/html")
    said = bare.ok("init", stdin=f"{web.url('/')}\nno\n\n")
    assert "its feed" in said
    assert "“Lantern”, 1 entr" in said
    assert [row["url"] for row in json.loads(bare.ok("feeds", "list", "--format", "json"))] == [web.url("/feed.xml")]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--feed", "lantern"), "is no web address"),
        (("--email", "ada"), "is not one mail address"),
        (("--email", "ada@example.org", "--zone", "Mars"), "is no time zone"),
        (("--email", "ada@example.org", "--at", "25:00"), "is no time of day"),
        (("--study", "nope"), "There is no study"),
    ],
)
def test_init_writes_nothing_until_all_is_checked(bare, wrong, told):
    ran = bare("init", "--no-input", "--watch", "--feed", "https://lantern.example/feed.xml", *wrong)
    assert ran.code == 2
    assert told in ran.told
    assert bare.ok("feeds", "list", "--format", "json") == "[]\n"
    assert bare.ok("subscribers", "list", "--format", "json") == "[]\n"


def test_init_stopped_half_way_has_written_nothing(bare):
    assert bare("init", stdin="https://lantern.example/feed.xml\nyes\nyes\n").code == 130
    assert bare.ok("feeds", "list", "--format", "json") == "[]\n"


def test_a_reader_is_asked_and_told_in_their_language(told):
    told.ok("subscribers", "add", "kei@example.org", "--zone", "Asia/Tokyo", "--days", "mon,thu", "--language", "ja")
    asked = next(mail for mail in mails(told) if str(mail["To"]) == "kei@example.org")
    text, html = (part.get_content() for part in asked.iter_parts())
    assert str(asked["Subject"]) == "Hypewatchのダイジェストを受け取りますか"
    assert "月曜日、木曜日07:00" in "".join(text.split())
    assert '<html lang="ja"' in html
    told.ok("subscribers", "add", "kei@example.org", "--confirmed")
    preview = told.ok("digest", "preview", 2)
    assert "対応が必要です" in preview
    assert "歩行練習を行っています" in "".join(preview.split()), "what the fact sheet says in Japanese"
    assert "is walking again" in preview, "a quotation stays as it was said"
    rows = json.loads(told.ok("subscribers", "list", "--format", "json"))
    assert [row["language"] for row in rows] == ["en", "ja"]
