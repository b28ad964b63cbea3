"""The lines of a file as rows: its shape, its columns, and what is told of lines that cannot be read."""

from __future__ import annotations

import io
import json

import pytest

from monitor.core.errors import Problem, UsageError
from monitor.sources.files.rows import guess_form, peek, read_rows, refuse_packed, text_row
from monitor.sources.files.tables import MOST_CHARACTERS, pieces, whole_lines


def read(text: str, form, name: str = "f") -> list:
    """Fields of each row, and for a line that cannot be read its place and what is said."""
    return [
        (row.line, row.column, row.what) if isinstance(row, Problem) else dict(row.fields)
        for row in read_rows(pieces(io.StringIO(text, newline="")), form, name)
    ]


@pytest.mark.parametrize(
    ("first", "form"),
    [
        ('{"url": "https://a.example", "text": "x"}', "jsonl"),
        ('{"url": "https://a.example", "txet": "x"}', "jsonl"),  # a slip in a name of ours, to be told
        ('{"id": 7, "body": "x"}', "ndjson"),
        ('{"source_platform": "x.com", "data": {}}', "ndjson"),
        ("[", "json"),
        ('[{"text": "x"}]', "json"),
        ("[Updated] He stands.", "text"),
        ("https://a.example/1", "urls"),
        ("url,title,text", "csv"),
        ("URL;Headline;Message", "csv"),
        ("sep=;", "csv"),
        ("title", "text"),
        ("A title, a text and a body of words", "text"),
    ],
)
def test_the_first_line_tells_the_shape(first: str, form: str):
    assert guess_form(first) == form


def test_a_name_in_csv_stands_above_the_first_line():
    assert guess_form("words", "posts.CSV") == "csv"


def test_notes_and_empty_lines_are_passed_over_to_find_it_and_are_still_there():
    first, lines = peek(["\ufeff# a note\n", "\n", "https://a.example\n", "more\n"])
    assert (first, list(lines)) == ("https://a.example\n", ["\ufeff# a note\n", "\n", "https://a.example\n", "more\n"])
    assert peek(["# note\n"] * 3)[0] == ""


@pytest.mark.parametrize("first", ["PK\x03\x04...", "%PDF-1.7", "\x1f\udc8b\x08"])
def test_what_holds_no_lines_is_refused_with_what_to_do(first: str):
    with pytest.raises(UsageError, match=r"^f is "):
        refuse_packed(first, "f")
    refuse_packed("P.K.", "f")


def test_a_line_that_is_too_long_costs_itself_alone():
    long = "x" * (2 * MOST_CHARACTERS + 5)
    kept = list(whole_lines(pieces(io.StringIO(f"{long}\nnext\n"))))
    assert [len(kept[0]), *kept[1:]] == [MOST_CHARACTERS + 1, "next\n"]
    found = read(f'{long}\n{{"text": "He stands."}}\n', "jsonl")
    assert found[0][:2] == (1, 1)
    assert found[1:] == [{"text": "He stands."}]


def test_lines_of_json_that_cannot_be_read_are_told_with_their_place():
    bad = ['{"text": "a"', "7", '{"text": "a", "txet": "b"}', '{"text": "\udcff"}', "[" * 100_000]
    found = read("\n".join([*bad, '{"text": "He stands."}']), "jsonl")
    assert [(row[0], row[1]) for row in found[:5]] == [(1, 13), (2, 1), (3, 15), (4, 11), (5, 1)]
    assert "'txet' that is not known" in found[2][2]
    assert found[5:] == [{"text": "He stands."}]


def test_a_list_is_told_if_it_is_none_or_ends_early():
    assert read('[{"text": "a"},\n{"text": "b"}]', "json") == [{"text": "a"}, {"text": "b"}]
    found = read('[{"text": "a"},', "json")
    assert found[0] == {"text": "a"}
    assert "ends before its list is closed" in found[1][2]
    with pytest.raises(UsageError, match="f is no JSON list"):
        read("He stands.", "json")


def test_columns_are_known_by_the_names_that_others_give_them():
    text = "sep=;\nLink;Head-line;Headline;Body;Created At\nhttps://a.example/1;x;He stands;One; 2025-03-24 \n"
    assert read(text, "csv") == [
        {
            "url": "https://a.example/1", "title": "He stands", "text": "One", "published": "2025-03-24",
            "network": "web", "kind": "article",
        }
    ]  # fmt: skip


def test_a_post_speaks_for_its_account():
    (found,) = read(
        json.dumps({"id": "7", "body": "Hm", "link": "https://www.x.com/ada/status/7", "user": "@ada"}), "ndjson"
    )
    assert (found["network"], found["kind"], found["source"], found["author"]) == ("x", "post", "@ada", "ada")


def test_4cats_source_is_the_app_and_its_posts_of_a_thread_are_several():
    row = {"thread_id": "t", "body": "One", "source": "Android"}
    one, two = read("\n".join(json.dumps({**row, "body": body}) for body in ("One", "Two")), "ndjson")
    assert "source" not in one
    assert one["external_id"].startswith("t#")
    assert one["external_id"] != two["external_id"]


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below():
    found = read('url,text\nhttps://a.example/1,"open\nhttps://a.example/2,shut\n', "csv")
    assert found[0][:2] == (2, 1)
    assert [row["url"] for row in found[1:]] == ["https://a.example/2"]


def test_rows_with_too_many_cells_are_told_and_those_of_a_spreadsheet_are_not():
    found = read("url,text\nhttps://a.example/1,a,b\nhttps://a.example/2,a,,\n", "csv")
    assert found[0] == (2, 1, "has 3 cells where the first line names 2")
    assert found[1]["text"] == "a"


def test_a_table_without_words_is_refused():
    with pytest.raises(UsageError, match="names no column with the text"):
        read("url,date\nhttps://a.example,2025\n", "csv")


def test_pasted_words_are_known_by_themselves_or_by_their_address():
    own = text_row(["He\n", "stands.\n"], "f", about={"title": "T"})
    assert own.fields["text"] == "He\nstands."
    assert own.fields["external_id"].startswith("text:")
    other = text_row(["He stands.\n"], "f", about={"title": "T"})
    assert other.fields["external_id"] != own.fields["external_id"]
    assert "external_id" not in text_row(["He stands."], "f", about={"url": "https://a.example"}).fields
    assert isinstance(text_row(["x" * 999_999, "xx"], "f", about={}), Problem)
