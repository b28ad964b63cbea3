"""`users` and `tokens`: who may come in, and keys of programs."""

from __future__ import annotations

import json
import re
import sqlite3

from monitor.core.session import secret_hash


def rows(cli, *command):
    return json.loads(cli.ok(*command, "--format", "json"))


def test_the_link_is_printed_where_no_mail_server_is_set_up(bare):
    ran = bare("users", "invite", "Ada@Example.org", "--role", "owner", "--name", "Ada")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/sign-in/[\w-]{43}\n", ran.out)
    assert (ran.code, "No mail server is set up" in ran.err) == (0, True)
    (ada,) = rows(bare, "users", "list")
    assert (ada["address"], ada["role"], ada["state"], ada["password"]) == (
        "ada@example.org",
        "owner",
        "invited",
        False,
    )
    again = bare.ok("users", "invite", "ada@example.org")
    assert again != ran.out
    (link,) = [row for row in rows(bare, "sessions", "list") if row["state"] == "offered"]
    assert link["name"] == "Ada", "the older link ended"


def test_people_are_changed_and_removed_by_address_or_number(bare):
    bare.ok("users", "invite", "ada@example.org")
    bare.ok("users", "set", "ADA@example.org", "--role", "editor", "--name", "Ada L.")
    assert [(row["role"], row["name"]) for row in rows(bare, "users", "list")] == [("editor", "Ada L.")]
    assert bare("users", "set", "ada@example.org").code == 2
    assert "Nobody here has the address" in bare("users", "remove", "eve@example.org").told
    assert bare("users", "remove", "99").code == 2
    assert "Ada L. is removed" in bare.ok("users", "remove", "1")
    assert rows(bare, "users", "list") == []
    assert "users invite" in bare.ok("users", "list")
    assert bare("users", "set", "1", "--role", "owner").code == 2, "who was removed is not there"


def test_a_wrong_address_or_role_is_told(bare):
    assert "is not one mail address" in bare("users", "invite", "a@x.org, b@x.org").told
    assert "is not one mail address" in bare("users", "invite", "a@x.org\nBcc: b@x.org").told
    assert bare("users", "invite", "a@x.org", "--role", "king").code == 2
    assert "more than 100" in bare("users", "invite", "a@x.org", "--name", "x" * 101).told
    assert rows(bare, "users", "list") == []


def test_a_key_is_printed_once_and_stored_as_its_sum(bare):
    made = bare("tokens", "new", "Weekly table", "--scope", "read", "--scope", "review")
    secret = made.out.strip()
    assert re.fullmatch(r"hw_[\w-]{43}", secret)
    (key,) = rows(bare, "tokens", "list")
    assert (key["name"], key["scopes"], key["works"]) == ("Weekly table", ["read", "review"], True)
    assert secret not in bare.ok("tokens", "list", "--format", "json")
    with sqlite3.connect(bare.home / "hypewatch.db") as db:
        assert [row[0] for row in db.execute("SELECT secret FROM keys")] == [secret_hash(secret)]
        assert secret not in "\n".join(db.iterdump())
    db.close()
    assert "works no more" in bare.ok("tokens", "revoke", key["id"])
    assert rows(bare, "tokens", "list") == []
    assert bare("tokens", "revoke", key["id"]).code == 2


def test_a_key_may_at_most_what_its_person_may(bare):
    bare.ok("users", "invite", "ada@example.org", "--role", "reader")
    assert "cannot have “review”" in bare("tokens", "new", "x", "--scope", "review", "--for", "ada@example.org").told
    assert "cannot have 'all'" in bare("tokens", "new", "x", "--scope", "all").told
    assert "cannot work for -1 days" in bare("tokens", "new", "x", "--scope", "read", "--days", "-1").told
    assert bare("tokens", "new", "x").code == 2
    bare.ok("tokens", "new", "x", "--scope", "read", "--for", "ada@example.org", "--days", "0")
    (key,) = rows(bare, "tokens", "list")
    assert (key["whose"], key["until"]) == ("ada@example.org", None)
