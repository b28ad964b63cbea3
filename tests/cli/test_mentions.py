"""`mentions`, `stories` and `review`: import, search, export, show, add, withdraw."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from xml.etree import ElementTree as ET

import pytest

from monitor.core.errors import StorageError
from monitor.export import atom
from monitor.storage.exports import ExportRows

TEXT = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."


def line(number: int, **changes: object) -> str:
    row = {
        "url": f"https://paper{number}.example/news",
        "title": f"=News {number}",
        "text": f"{TEXT} So says paper {number}.",
        "published": f"2026-03-2{number}T08:00:00Z",
        "source": f"paper{number}.example",
        "kind": "article",
        "lang": "en",
    }
    return json.dumps(row | changes)


@pytest.fixture
def stored(cli, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(line(number) for number in (1, 2, 3)))
    assert cli.ok("mentions", "import", path) == ("3 read: 3 written, 0 known, 0 not about your studies, 0 refused.\n")
    cli.lines = path
    return cli


def found(cli, *args: str) -> list[dict]:
    """What the command lists, without when it was asked."""
    rows = json.loads(cli("mentions", *args, "--format", "json").out)
    for row in rows:
        assert row["export"].pop("at")
    return rows


def test_importing_twice_adds_nothing(stored):
    before = found(stored)
    assert stored.ok("mentions", "import", stored.lines) == (
        "3 read: 0 written, 3 known, 0 not about your studies, 0 refused.\n"
    )
    assert found(stored) == before
    assert [row["source"] for row in before] == ["paper3.example", "paper2.example", "paper1.example"]


def test_each_bad_line_is_told_with_its_number_and_the_others_are_taken(cli, tmp_path):
    lines = [
        line(1),
        "{broken",
        json.dumps({"url": "https://a.example/", "title": ""}),
        line(2, url="javascript:alert(1)"),
        line(3, mood="happy"),
        json.dumps({"text": TEXT}),
        line(4, kind="novel"),
        json.dumps({"text": "The bakery has a new loaf.", "url": "https://bakery.example/"}),
        line(5, url=None, external_id="abc"),
        "[]",
    ]
    ran = cli("mentions", "import", "-", stdin="\n".join(lines))
    assert ran.code == 1
    assert ran.out == "10 read: 2 written, 0 known, 1 not about your studies, 7 refused.\n"
    told = ran.told.splitlines()
    assert [problem.split(": ")[0] for problem in told] == [
        "-:2:2",
        "-:3:1",
        "-:4:2",
        "-:5:" + str(lines[4].index('"mood"') + 1),
        "-:6:1",
        "-:7:" + str(lines[6].index('"kind"') + 1),
        "-:10:1",
    ]
    assert "neither text nor title" in told[1]
    assert "no web address" in told[2]
    assert "'mood'" in told[3]
    assert "neither url nor external_id" in told[4]
    assert len(found(cli)) == 2


def test_search_by_words_and_fields(stored):
    assert {row["source"] for row in found(stored, '"walking again"', "flagged:yes")} == {
        "paper1.example",
        "paper2.example",
        "paper3.example",
    }
    assert [row["source"] for row in found(stored, "source:paper2.example")] == ["paper2.example"]
    assert [row["source"] for row in found(stored, "--since", "2026-03-22", "--until", "2026-03-22")] == [
        "paper2.example"
    ]
    assert len(found(stored, "--limit", "2")) == 2
    for words in ("iPS-cell", "#MedicalMiracle", "C++", "it's", '"unclosed', "a OR"):
        assert stored("mentions", words).code in {0, 1, 2}
    ran = stored("mentions", "zebra")
    assert (ran.code, ran.out) == (1, "Nothing was found.\n")
    ran = stored("mentions", "sorce:x")
    assert ran.code == 2
    assert "source" in ran.told


def test_every_shape(stored):
    lines = stored.ok("mentions", "--format", "jsonl").splitlines()
    rows = [json.loads(one) for one in lines]
    for row in rows:
        assert row["export"].pop("at")
    listed = found(stored)
    assert rows == listed
    for row in listed:
        about = row["export"]
        assert (about["query"], about["found"], about["held"]) == ("", 3, 3)
        assert about["ruleset"].startswith("sha256:")
    table = list(csv.DictReader(io.StringIO(stored.ok("mentions", "--format", "csv"))))
    assert [row["source"] for row in table] == [row["source"] for row in rows]
    assert all(row["title"] == f"'=News {row['source'][5]}" for row in table), "a cell is no formula"
    assert {row["title"] for row in rows} == {"=News 1", "=News 2", "=News 3"}, "JSON is untouched"
    atom = ET.fromstring(stored.ok("mentions", "--format", "atom"))
    titles = [
        entry.findtext("{http://www.w3.org/2005/Atom}title")
        for entry in atom.iter("{http://www.w3.org/2005/Atom}entry")
    ]
    assert len(titles) == 3
    assert "paper1.example" in stored.ok("mentions")


def test_show_one(stored):
    number = found(stored)[0]["id"]
    row = json.loads(stored.ok("mentions", "show", number, "--format", "json"))
    assert row["text"].startswith(TEXT)
    assert [revision["number"] for revision in row["revisions"]] == [1]
    assert row["score_parts"]
    text = stored.ok("mentions", "show", number)
    assert "above-outcome" in text
    assert "You could say: " in text
    assert (stored("mentions", "show", 999).code, stored("mentions", "show", 999).told) == (
        2,
        "There is no mention 999. `hypewatch mentions` lists them with their numbers.",
    )


def test_an_edit_is_a_revision(stored, tmp_path):
    (row,) = found(stored, "source:paper1.example")
    path = tmp_path / "again.jsonl"
    path.write_text(line(1, text="Keio University put iPS cells into injured spinal cords. Two of four improved."))
    assert "1 written" in stored.ok("mentions", "import", path)
    shown = json.loads(stored.ok("mentions", "show", row["id"], "--format", "json"))
    assert [revision["number"] for revision in shown["revisions"]] in ([1, 2], [2, 1])
    assert "fixed" in {flag["state"] for flag in shown["flags"]}


def test_purged_is_gone_and_stays_away(stored):
    number = found(stored)[0]["id"]
    ran = stored("mentions", "purge", number, stdin="n\n")
    assert ran.code != 0
    assert len(found(stored)) == 3, "asked first"
    assert stored.ok("mentions", "purge", number, "--yes") == (
        f"Mention {number} is gone, and its address will not be read again.\n"
    )
    assert "0 written, 3 known" in stored.ok("mentions", "import", stored.lines)
    assert len(found(stored)) == 2


def test_a_withdrawn_post_is_in_no_byte_of_the_home(cli, tmp_path):
    line = {
        "url": "https://x.com/zyxcanary/status/1904100000000000001",
        "text": "ZYXCANARY: a paralysed man is walking again after Keio University put iPS cells into his spinal cord.",
        "kind": "post",
        "network": "x",
        "source": "@zyxcanary",
        "author": "zyxcanary",
    }
    path = tmp_path / "saved.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    cli.ok("init", "--no-input", "--email", "ada@example.org", "--at", "07:00", "--zone", "UTC")
    cli.ok("mentions", "import", path)
    cli.ok("digest", "send", "1")

    def holding():
        files = [file for file in cli.home.rglob("*") if file.is_file()]
        return sorted(file.suffix for file in files if b"zyxcanary" in file.read_bytes().lower())

    assert {".eml"} < set(holding())
    (row,) = found(cli)
    cli.ok("mentions", "purge", row["id"], "--yes")
    assert holding() == []
    assert "0 written, 1 known" in cli.ok("mentions", "import", path)


def test_what_is_kept_for_some_days(stored):
    days = ("--network", "web", "--days", "30")
    assert stored.ok("mentions", "retain").splitlines()[0] == "web         for as long as you like"
    assert stored.ok("mentions", "retain", *days, "--yes").endswith("They are gone.\n")
    assert len(found(stored)) == 3, "they were first seen today"
    with sqlite3.connect(stored.home / "hypewatch.db") as database:
        database.execute("UPDATE mentions SET first_seen = first_seen - 31 * 86400000000 WHERE url LIKE '%paper1%'")
    database.close()
    ran = stored("mentions", "retain", *days, stdin="n\n")
    assert ran.code != 0
    assert ran.out.startswith("1 mentions from web were first seen before ")
    assert len(found(stored)) == 3, "asked first"
    assert stored.ok("mentions", "retain", *days, "--always", "--yes").endswith(
        "They are gone. From now on each goes after 30 days.\n"
    )
    assert {row["source"] for row in found(stored)} == {"paper2.example", "paper3.example"}
    assert stored.ok("mentions", "import", stored.lines).startswith("3 read: 0 written, 3 known")
    assert stored.ok("mentions", "retain").splitlines()[0] == "web         30 days"
    assert stored.ok("mentions", "retain", "--network", "web", "--off") == (
        "What comes from web is kept for as long as you like.\n"
    )
    assert stored.ok("mentions", "retain").splitlines()[0] == "web         for as long as you like"
    for args in (
        ["--network", "web"],
        ["--days", "3"],
        [*days, "--off"],
        ["--always"],
        ["--network", "web", "--off", "--always"],
    ):
        assert stored("mentions", "retain", *args, "--yes").told.startswith(
            "Name a --network, and either --days or --off"
        )
    assert len(found(stored)) == 2


def test_add_an_address(cli, web, fakes):
    cli.set(allow_private_networks=web.host)
    web["/news"] = fakes.answer(
        f"<html lang=en><body><article><h1>From Keio</h1><p>{TEXT}</p></article></body></html>",
        content_type="text/html",
    )
    web["/bread"] = fakes.answer(
        "<html lang=en><body><article><h1>Bread</h1><p>The bakery has a new loaf, and everybody who tried it says "
        "that it is the best one.</p></article></body></html>",
        content_type="text/html",
    )
    said = cli.ok("mentions", "add", web.url("/news"))
    (row,) = found(cli)
    assert said == f"Stored as {row['id']}.\n"
    assert cli.ok("mentions", "add", web.url("/news")) == "It was stored before.\n"
    ran = cli("mentions", "add", web.url("/bread"))
    assert ran.code == 2
    assert ran.told.startswith(f"{web.url('/bread')} was read, but it is about none of your studies. If it should be, ")
    assert cli("mentions", "add", web.url("/nothing")).code == 2
    assert len(found(cli)) == 1


def test_stories_tell_who_said_it_first(stored):
    rows = json.loads(stored.ok("stories", "--format", "json"))
    (story,) = [row for row in rows if row["mentions"] == 3]
    assert story["first_said_by"] == "paper1.example"
    assert [teller["source"] for teller in story["told_by"]] == ["paper1.example", "paper2.example", "paper3.example"]
    assert all("overstated-outcome" in teller["drift"] for teller in story["told_by"])
    ran = stored("stories", "zebra")
    assert (ran.code, ran.out) == (1, "No stories yet.\n")


def test_review(stored):
    flag = found(stored)[0]["flags"][0]
    said = stored.ok("review", flag["id"], "dismissed", "--why", "the next sentence takes it back", "--by", "ada")
    assert said.startswith(f"Flag {flag['id']}: dismissed.\n")
    shown = json.loads(stored.ok("mentions", "show", found(stored)[0]["id"], "--format", "json"))
    assert {f["id"]: f["review"] for f in shown["flags"]}[flag["id"]] == "dismissed"
    ran = stored("review", 999, "upheld")
    assert ran.code == 2
    assert "999" in ran.told
    assert stored("review", flag["id"], "perhaps").code == 2


def test_the_sample_article_through_a_poll(cli, web, fakes, facts):
    """Its quoted tweet is a mention of @glassalmanac of its own, linked to the page, and no part of the article."""
    text = (facts / "sample-article.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    at = next(number for number, one in enumerate(lines) if one.startswith("Breaking barriers!"))
    tweet = lines[at]
    quoted = (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{tweet}</p>&mdash; Glass Almanac (@glassalmanac) '
        '<a href="https://twitter.com/glassalmanac/status/1919000000000000001">May 4, 2025</a></blockquote>'
    )
    paragraphs = "".join(
        quoted if number == at else f"<p>{one}</p>" for number, one in enumerate(lines) if one and number != at + 1
    )
    title = "Stem cells let a paralysed man walk"
    web["/article"] = fakes.answer(
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1>{paragraphs}</article></body></html>",
        content_type="text/html; charset=utf-8",
    )
    web["/feed.xml"] = fakes.answer(
        f'<rss version="2.0"><channel><title>Sample</title><item><guid isPermaLink="false">s</guid><title>{title}</title>'
        f"<link>{web.url('/article')}</link><description>{lines[0]}</description></item></channel></rss>"
    )
    cli.set(allow_private_networks=web.host)
    cli.ok("feeds", "add", web.url("/feed.xml"))
    cli.ok("poll")
    rows = {row["kind"]: row for row in found(cli)}
    assert set(rows) == {"article", "post"}
    article = json.loads(cli.ok("mentions", "show", rows["article"]["id"], "--format", "json"))
    post = json.loads(cli.ok("mentions", "show", rows["post"]["id"], "--format", "json"))
    assert "Breaking barriers!" not in article["text"]
    assert post["text"].startswith("Breaking barriers! 🚀 A paralyzed man is walking again")
    assert (post["network"], post["author"], post["url"]) == (
        "x",
        "glassalmanac",
        "https://x.com/glassalmanac/status/1919000000000000001",
    )
    assert post["found_on"] == article["id"]
    assert len([flag for flag in article["flags"] if flag["confidence"] >= 0.5]) >= 10
    assert "walking again" in {flag["quote"] for flag in post["flags"]}


def test_a_word_to_leave_out_can_come_first(cli, tmp_path):
    """`-word` is no option of the shell's; -h and what has two dashes are."""
    path = tmp_path / "two.jsonl"
    rows = [
        {
            "url": f"https://o.example/{word}",
            "title": f"Keio {word}",
            "text": f"Keio's iPS cells in spinal cord injury: {word}.",
        }
        for word in ("miracle", "hope")
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    cli.ok("mentions", "import", path)

    def found(*words: str) -> list[str]:
        return [row["title"] for row in json.loads(cli("mentions", *words, "--format", "json").out)]

    assert found("-miracle") == ["Keio hope"]
    assert found("-hope") == ["Keio miracle"]
    assert "Usage" in cli("mentions", "search", "-h").out
    assert found("spinal", "-hope", "--limit", "5") == ["Keio miracle"]
    assert found("NOT", "hope") == ["Keio miracle"]
    assert "No such option" in cli("mentions", "--sinse", "7d").told


@pytest.mark.parametrize(("typed", "meant"), [("pruge", "purge"), ("shwo", "show"), ("imoprt", "import")])
def test_a_misspelt_command_is_no_search(cli, typed, meant):
    ran = cli("mentions", typed, "12")
    assert ran.code == 2
    assert ran.told == (
        f"There is no command {typed!r}; did you mean `hypewatch mentions {meant}`? "
        f"To search for the word: `hypewatch mentions search {typed}`."
    )
    assert cli("mentions", "search", typed).code == 1


def test_a_language_without_rules_is_told_in_lists_and_alone(cli, tmp_path):
    text = "Ein Mann steht wieder, nachdem ihm Ärzte der Keio-Universität iPS-Zellen in das Rückenmark gaben."
    path = tmp_path / "german.jsonl"
    path.write_text(line(1, text=text, title="Hoffnung", lang="de"))
    cli.ok("mentions", "import", "--assume-relevant", path)
    (row,) = found(cli)
    assert (row["judged"], row["reason"], row["drift"], row["caveats"]["missing"]) == (
        False,
        "not judged (German)",
        [],
        [],
    )
    assert "judged (German)" in " ".join(cli.ok("mentions").split())
    assert "not judged (German)" in cli.ok("mentions", "show", str(row["id"]))
    assert "not judged (German)" in cli.ok("mentions", "--format", "csv")
    assert "not judged (German)" in cli.ok("stories", "--lineage")


def test_a_row_for_each_flag_says_who_said_what(stored):
    rows = json.loads(stored.ok("mentions", "--rows", "flags", "--format", "json"))
    assert {row["outlet"] for row in rows} == {"paper1.example", "paper2.example", "paper3.example"}
    assert all(row["quote"] in TEXT for row in rows)
    assert any(row["correction"] for row in rows)
    shown = stored.ok("mentions", "--rows", "flags")
    assert "study found" in shown
    assert "walking again" in shown


def test_all_is_more_than_the_limit_and_a_file_says_how_much_it_holds(stored):
    (row,) = json.loads(stored.ok("mentions", "--limit", "1", "--format", "json"))
    assert (row["export"]["found"], row["export"]["held"]) == (3, 1)
    assert len(json.loads(stored.ok("mentions", "--limit", "1", "--all", "--format", "json"))) == 3
    assert json.loads(stored("mentions", "zebra", "--format", "json").out) == []


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "atom", "xlsx", "parquet", "html"])
def test_a_file_is_there_once_it_is_whole(stored, tmp_path, monkeypatch, form):
    path = tmp_path / f"said.{form}"
    assert stored.ok("mentions", "--format", form, "--output", path) == ""
    whole = path.read_bytes()
    assert len(whole) > 500
    read = ExportRows.told_mentions

    def fails(store, ids):
        read(store, ids)
        raise StorageError("The disk does not read.", "Check it.")

    monkeypatch.setattr(ExportRows, "told_mentions", fails)
    ran = stored("mentions", "--format", form, "--output", path)
    assert ran.code != 0
    assert "The disk does not read." in ran.told
    assert path.read_bytes() == whole, "what was there before is left"
    assert list(tmp_path.glob("*.part")) == []


def test_a_file_that_cannot_be_written_is_told(stored, tmp_path):
    ran = stored("mentions", "--format", "csv", "--output", tmp_path / "no" / "said.csv")
    assert ran.code == 2
    assert "said.csv cannot be written" in ran.told


def test_a_feed_of_more_than_a_reader_takes_is_refused(stored, monkeypatch):
    monkeypatch.setattr(atom, "COMMAND_ENTRIES", 2)
    ran = stored("mentions", "--format", "atom")
    assert ran.code == 2
    assert "at most 2 mentions" in ran.told


def test_what_was_exported_as_lines_is_imported_again(stored, tmp_path):
    path = tmp_path / "out.jsonl"
    stored.ok("mentions", "--format", "jsonl", "--output", path)
    assert stored.ok("mentions", "import", path) == (
        "3 read: 0 written, 3 known, 0 not about your studies, 0 refused.\n"
    )
