"""`webhooks`: added from a file, listed without the address, tried, sent again, removed."""

from __future__ import annotations

import json
import re


def rows(cli) -> list[dict]:
    return json.loads(cli.ok("webhooks", "list", "--format", "json"))


def test_a_program_is_told(cli, web, fakes):
    cli.set(allow_private_networks=web.host)
    assert cli.ok("webhooks", "list").startswith("Nobody is told yet.")
    web["/tell-nobody"] = fakes.answer(b"no", 410)
    said = cli.ok("webhooks", "add", web.url("/tell-nobody"), "--event", "flag.confirmed")
    assert "Webhook 1 tells 127.0.0.1 from now on." in said
    secret = re.search(r"whsec_\S+", said)[0]
    ran = cli("webhooks", "test", 1)
    assert (ran.code, ran.told) == (1, "It was not taken: The address said that it wants no more (410).")
    (row,) = rows(cli)
    assert (row["kind"], row["to"], row["events"], row["dead"]) == ("webhook", "127.0.0.1", ["flag.confirmed"], [1])
    assert "wants no more" in row["state"]
    listed = json.dumps(row) + cli.ok("webhooks", "list")
    assert secret not in listed
    assert "tell-nobody" not in listed
    assert cli("webhooks", "resend", 1).code == 1
    web["/tell-nobody"] = fakes.answer(b"")
    assert cli.ok("webhooks", "test", 1) == "It was taken.\n"
    assert cli("webhooks", "resend", 99).code == 2
    assert cli.ok("webhooks", "remove", 1) == "Removed. It is told nothing any more.\n"
    assert cli("webhooks", "remove", 1).code == 2


def test_an_address_comes_from_a_file(cli, tmp_path):
    path = tmp_path / "slack.txt"
    path.write_text("https://hooks.slack.example/services/T/B/x\n")
    said = cli.ok("webhooks", "add", "--kind", "slack", "--url-file", path)
    assert "secret" not in said
    assert cli.ok("webhooks", "add", "--kind", "slack", "--url-file", "-", stdin="https://hooks.slack.example/y\n")
    assert [row["kind"] for row in rows(cli)] == ["slack", "slack"]
    for wrong in (("add",), ("add", "nothing"), ("add", "https://x.example", "--event", "all"), ("test", 9)):
        assert cli("webhooks", *wrong).code == 2


def test_no_backup_holds_an_address_and_a_restore_keeps_it(cli, tmp_path):
    said = cli.ok("webhooks", "add", "https://desk.example.org/tell-nobody")
    secret = re.search(r"whsec_\S+", said)[0]
    saved = tmp_path / "saved.db"
    cli.ok("db", "backup", saved)
    held = saved.read_bytes()
    assert b"tell-nobody" not in held
    assert secret.encode() not in held
    cli.ok("db", "restore", saved, "--yes")
    assert [row["to"] for row in rows(cli)] == ["desk.example.org"]
