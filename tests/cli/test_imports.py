"""`mentions import`: every shape, twice adds nothing, every line is counted, and a refused one is told with its place."""

from __future__ import annotations

import json

import pytest

from monitor.library import judges

TEXT = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
BREAD = "The bakery has a new loaf."
#: As 4CAT writes what Zeeschuimer collected from X: `source` is the app, all posts of a thread share `thread_id`.
FOURCAT = (
    "id,thread_id,timestamp,unix_timestamp,link,body,author,author_fullname,source,language_guess\r\n"
    f'1904100000000000001,1904100000000000001,2025-03-24 08:00:00,1742803200,https://x.com/ada/status/1904100000000000001,"{TEXT}\r\n""Wow""",ada,Ada L,Twitter Web App,en\r\n'
    f"1904100000000000002,1904100000000000001,2025-03-24 09:00:00,1742806800,https://x.com/bob/status/1904100000000000002,{BREAD},bob,Bob,Twitter Web App,en\r\n"
)


def found(cli) -> list[dict]:
    return json.loads(cli("mentions", "--format", "json").out)


def counted(cli, path, *args: object) -> str:
    return cli("mentions", "import", path, *args).out


def write(tmp_path, name: str, text: str | bytes):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def zeeschuimer(platform: str, data: dict) -> str:
    return json.dumps(
        {
            "nav_index": "1:2:3",
            "item_id": "7",
            "timestamp_collected": 1742803300000,
            "source_platform": platform,
            "source_platform_url": f"https://{platform}/",
            "source_url": f"https://api.{platform}/",
            "user_agent": "Mozilla",
            "data": data,
        }
    )


def tweet(number: str, text: str, handle: str = "ada", **legacy: object) -> dict:
    user = {"rest_id": "5", "legacy": {"screen_name": handle, "name": "Ada L"}}
    said = {"full_text": text, "created_at": "Mon Mar 24 08:00:00 +0000 2025", "lang": "en", "user_id_str": "5"}
    return {"rest_id": number, "core": {"user_results": {"result": user}}, "legacy": said | legacy}


def test_a_csv_of_4cat(cli, tmp_path):
    path = write(tmp_path, "posts.csv", FOURCAT)
    assert counted(cli, path) == "2 read: 1 written, 0 known, 1 not about your studies, 0 refused.\n"
    assert counted(cli, path) == "2 read: 0 written, 1 known, 1 not about your studies, 0 refused.\n"
    (row,) = found(cli)
    keys = ("network", "kind", "source_key", "author", "text", "url", "published", "date_confidence", "lang")
    assert {key: row[key] for key in keys} == {
        "network": "x",
        "kind": "post",
        "source_key": "x:ada",
        "author": "ada",
        "text": f'{TEXT}\n"Wow"',
        "url": "https://x.com/ada/status/1904100000000000001",
        "published": "2025-03-24T08:00:00Z",
        "date_confidence": "exact",
        "lang": "en",
    }


def test_the_same_post_from_csv_zeeschuimer_and_jsonl_is_one(cli, tmp_path):
    number = "1904100000000000001"
    assert "1 written" in counted(cli, write(tmp_path, "a.csv", FOURCAT))
    item = zeeschuimer("twitter.com", tweet(number, f'{TEXT}\n"Wow"'))
    assert counted(cli, write(tmp_path, "b.ndjson", item)).startswith("1 read: 0 written, 1 known")
    row = {
        "text": f'{TEXT}\n"Wow"',
        "external_id": number,
        "network": "x",
        "kind": "post",
        "source": "@ada",
        "author": "ada",
    }
    assert counted(cli, write(tmp_path, "c.jsonl", json.dumps(row))).startswith("1 read: 0 written, 1 known")
    assert len(found(cli)) == 1


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_other_names_and_other_commas(cli, tmp_path, mark):
    rows = [
        ["Headline", "Content", "Date", "Outlet", "URL", "Mood"],
        ["=News", TEXT.replace(",", ""), "2025-03-24", "The Lantern", "https://lantern.example/1", "happy"],
    ]
    path = write(tmp_path, "any.txt", "\ufeff" + "\n".join(mark.join(row) for row in rows))
    assert counted(cli, path) == "1 read: 1 written, 0 known, 0 not about your studies, 0 refused.\n"
    (row,) = found(cli)
    assert (row["title"], row["source"], row["kind"], row["published"], row["date_confidence"]) == (
        "=News",
        "The Lantern",
        "article",
        "2025-03-24T00:00:00Z",
        "day",
    )


def test_what_is_wrong_in_a_csv_costs_its_row_only(cli, tmp_path):
    rows = [
        "url,text,date",
        f"https://a.example/1,{TEXT},2025-03-24",
        'https://a.example/2,"never closed,2025-03-24',
        f"https://a.example/3,{TEXT},soon",
        "https://a.example/4,too,many,cells",
        "javascript:alert(1),words,2025-03-24",
        ",no address,2025-03-24",
        "",
        f"https://a.example/5,{TEXT},2025-03-24,,,",
    ]
    ran = cli("mentions", "import", write(tmp_path, "bad.csv", "\n".join(rows)))
    assert ran.code == 1
    assert ran.out == (
        "7 read: 3 written, 0 known, 0 not about your studies, 4 refused. "
        "1 had a date that could not be read; the time of the import stands in for it.\n"
    )
    told = [line.removeprefix(f"{tmp_path / 'bad.csv'}:") for line in ran.told.splitlines()]
    assert told == [
        "3:1: is no CSV row: unexpected end of data",
        "5:1: has 4 cells where the first line names 3",
        "6:1: has a url that is no web address: 'javascript:alert(1)'",
        "7:1: has neither url nor external_id, so it could not be known again",
    ]


def test_a_csv_without_a_text_or_in_another_encoding(cli, tmp_path):
    ran = cli("mentions", "import", write(tmp_path, "a.csv", "name,age\nAda,36\n"))
    assert ran.code == 2
    assert ran.told == (
        f"{tmp_path / 'a.csv'}:1:1: the first line names no column with the text. "
        "Call one of them text, body, content or title; it has: name, age."
    )
    path = write(tmp_path, "b.csv", f"url,text\nhttps://a.example/1,{TEXT} “Café”\n".encode("cp1252"))
    ran = cli("mentions", "import", path)
    assert (ran.code, found(cli)) == (1, [])
    assert (
        ran.told
        == f"{path}:2:{len('https://a.example/1,') + len(TEXT) + 2}: is not in the file's encoding; name it with --encoding"
    )
    assert "1 written" in counted(cli, path, "--encoding", "cp1252")
    assert found(cli)[0]["text"] == f"{TEXT} “Café”"
    ran = cli("mentions", "import", path, "--encoding", "klingon")
    assert (ran.code, ran.told) == (2, "'klingon' is no encoding. Usual ones are utf-8, utf-16, cp1252 and shift_jis.")
    wide = write(tmp_path, "c.csv", f"url,text\nhttps://a.example/2,{TEXT}\n".encode("utf-16"))
    assert "1 written" in counted(cli, wide, "--encoding", "utf-16")


def test_ndjson_of_zeeschuimer(cli, tmp_path):
    long = tweet("1904100000000000003", "cut …", handle="cy") | {
        "note_tweet": {"note_tweet_results": {"result": {"text": f"{TEXT} &amp; more"}}}
    }
    first = tweet("1904100000000000001", f"{TEXT} In full.")
    again = tweet("1904100000000000004", "RT @ada: A paral…", "dora", retweeted_status_result={"result": first})
    video = {"id": "55", "desc": TEXT, "author": {"uniqueId": "eve"}, "createTime": 1742803200}
    media = {"code": "Cxyz", "user": {"username": "fay"}, "caption": {"text": TEXT}, "taken_at": 1742803200}
    lines = [
        zeeschuimer("twitter.com", long),
        zeeschuimer("x.com", again),
        zeeschuimer("tiktok.com", video),
        zeeschuimer("instagram.com", media),
        json.dumps({"__import_meta": {"source_platform": "threads.com"}} | media | {"code": "T1"}),
        zeeschuimer("pinterest.com", {"urn": "1"}),
        zeeschuimer("tiktok.com", {"id": "56", "desc": "", "author": "gil"}),
        "{broken",
    ]
    path = write(tmp_path, "items.ndjson", "\n".join(lines))
    ran = cli("mentions", "import", path)
    assert (ran.code, ran.out) == (1, "8 read: 5 written, 0 known, 0 not about your studies, 3 refused.\n")
    at = lines[5].index('"data"') + 1
    assert ran.told.splitlines() == [
        (
            f"{path}:6:{at}: is an item of pinterest.com, which is not read; read are twitter.com, x.com, tiktok.com, "
            "instagram.com, threads.net, threads.com, linkedin.com, gab.com, truthsocial.com"
        ),
        (
            f"{path}:7:{lines[6].index(chr(34) + 'data') + 1}: is an item of tiktok.com without its text and published "
            "where that is documented"
        ),
        f"{path}:8:2: is no JSON: Expecting property name enclosed in double quotes",
    ]
    assert {(row["source_key"], row["author"], row["url"], row["text"], row["published"]) for row in found(cli)} == {
        ("x:cy", "cy", "https://x.com/cy/status/1904100000000000003", f"{TEXT} & more", "2025-03-24T08:00:00Z"),
        ("x:dora", "dora", "https://x.com/dora/status/1904100000000000004", f"RT @ada: {TEXT} In full.", "2025-03-24T08:00:00Z"),
        ("tiktok.com", "eve", "https://www.tiktok.com/@eve/video/55", TEXT, "2025-03-24T08:00:00Z"),
        ("instagram.com", "fay", "https://www.instagram.com/p/Cxyz", TEXT, "2025-03-24T08:00:00Z"),
        ("threads.com", "fay", "https://www.threads.com/@fay/post/T1", TEXT, "2025-03-24T08:00:00Z"),
    }  # fmt: skip
    assert counted(cli, path) == "8 read: 0 written, 5 known, 0 not about your studies, 3 refused.\n"


def test_posts_of_a_thread_without_ids_are_not_one(cli, tmp_path):
    text = f"thread_id,body\n7,{TEXT}\n7,{TEXT} And he runs.\n7,{TEXT}\n"
    assert counted(cli, write(tmp_path, "a.csv", text)) == (
        "3 read: 2 written, 1 known, 0 not about your studies, 0 refused.\n"
    )


def test_a_list_of_addresses_is_read_page_by_page(cli, web, fakes, tmp_path):
    cli.set(allow_private_networks=web.host)
    for path, words in (("/news", TEXT), ("/bread", f"{BREAD} Everybody who tried it says that it is the best one.")):
        web[path] = fakes.answer(
            f"<html lang=en><body><article><h1>Title</h1><p>{words}</p></article></body></html>",
            content_type="text/html",
        )
    lines = [web.url("/news"), "# a note", "", web.url("/bread"), "ftp://a.example/", web.url("/gone")]
    path = write(tmp_path, "list.txt", "\n".join(lines))
    ran = cli("mentions", "import", path)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"written    {web.url('/news')}",
        f"not about  {web.url('/bread')}",
        "4 read: 1 written, 0 known, 1 not about your studies, 2 refused.",
    ]
    told = ran.told.splitlines()
    assert told[0] == f"{path}:5:1: ftp://a.example/ is no web address; write it with https:// in front"
    assert told[1].startswith(f"{path}:6:1: {web.url('/gone')} could not be read: ")
    assert "404" in told[1]
    assert counted(cli, path).splitlines()[0] == f"known      {web.url('/news')}"
    assert cli.ok("mentions", "add", web.url("/news")) == "It was stored before.\n", (
        "the same identity as `mentions add`"
    )
    assert len(found(cli)) == 1


def test_pasted_words(cli, tmp_path):
    about = ("--title", "Seen on paper", "--source", "lantern.example", "--date", "2025-03-24")
    said = "1 read: 1 written, 0 known, 0 not about your studies, 0 refused.\n"
    assert cli.ok("mentions", "import", "--text", TEXT, *about) == said
    assert cli.ok("mentions", "import", "--text", TEXT, *about) == said.replace(
        "1 written, 0 known", "0 written, 1 known"
    )
    url = "https://lantern.example/news"
    pasted = f"{TEXT}\n\nAnd a second paragraph.\n"
    assert cli.ok("mentions", "import", "-", "--format", "text", "--url", url, stdin=pasted) == said
    assert {(row["title"][:13], row["source"], row["url"], row["published"][:10]) for row in found(cli)} >= {
        ("Seen on paper", "lantern.example", None, "2025-03-24")
    }
    assert {row["text"] for row in found(cli)} == {TEXT, pasted.strip()}
    ran = cli("mentions", "import", "--text", " ")
    assert (ran.code, ran.told) == (1, "--text:1:1: has neither text nor title")
    ran = cli("mentions", "import", write(tmp_path, "big.txt", "long " * 200_001), "--format", "text")
    assert (ran.code, ran.told) == (
        1,
        f"{tmp_path / 'big.txt'}:1:1: has more than 1,000,000 characters; import it in parts",
    )
    for args in ([], ["-", "--text", TEXT]):
        assert cli("mentions", "import", *args).told.startswith("Nothing, or two things, to import.")
    ran = cli("mentions", "import", write(tmp_path, "a.csv", FOURCAT), "--title", "x")
    assert (ran.code, ran.told.partition(": --")[0]) == (2, f"{tmp_path / 'a.csv'} is read as csv")


def test_a_line_that_is_too_long_costs_itself_only(cli, tmp_path):
    good = json.dumps({"url": "https://a.example/1", "text": TEXT})
    long = json.dumps({"url": "https://a.example/2", "text": TEXT * 30_000})
    path = write(tmp_path, "long.jsonl", f"{good}\n{long}\n{good.replace('/1', '/3')}\n")
    ran = cli("mentions", "import", path)
    assert ran.out == "3 read: 2 written, 0 known, 0 not about your studies, 1 refused.\n"
    assert ran.told == f"{path}:2:1: has more than 1,000,000 characters, which no row has"


def test_notes_do_not_hide_what_a_file_is_and_a_text_is_told(cli, tmp_path):
    path = write(tmp_path, "list.txt", "# mine\n\nhttps://127.0.0.1:1/\n")
    ran = cli("mentions", "import", path)
    assert ran.out == "1 read: 0 written, 0 known, 0 not about your studies, 1 refused.\n"
    assert ran.told.startswith(f"{path}:3:1: https://127.0.0.1:1/ could not be read: ")
    path = write(tmp_path, "words.md", f"# A heading\n\n{TEXT}\n")
    ran = cli("mentions", "import", path)
    assert (ran.code, ran.out) == (0, "1 read: 1 written, 0 known, 0 not about your studies, 0 refused.\n")
    assert ran.told == f"{path} is read as the words of one text; --format says it if it is not."
    assert cli("mentions", "import", write(tmp_path, "empty", "")).out.startswith("1 read: 0 written"), "and told"


def test_letters_that_no_database_holds(cli, tmp_path):
    path = write(
        tmp_path, "odd.jsonl", json.dumps({"url": "https://a.example/1", "text": f"{TEXT}\ud800\x00 \U0001f600"})
    )
    assert counted(cli, path) == "1 read: 1 written, 0 known, 0 not about your studies, 0 refused.\n"
    assert counted(cli, path) == "1 read: 0 written, 1 known, 0 not about your studies, 0 refused.\n"


def test_a_json_list_however_it_is_broken_into_lines(cli, tmp_path):
    items = [{"url": f"https://a.example/{n}", "text": f"{TEXT} “{n}” }}, {{"} for n in range(3)]
    for name, text in (
        ("one.json", json.dumps(items)),
        ("indented.json", "\ufeff\n" + json.dumps(items, indent=2, ensure_ascii=False)),
        ("lines.json", "[\n" + ",\n".join(map(json.dumps, items)) + "\n]\n"),
    ):
        path = write(tmp_path, name, text)
        assert counted(cli, path).startswith(
            "3 read: 3 written" if name == "one.json" else "3 read: 0 written, 3 known"
        )
    assert {row["text"] for row in found(cli)} == {item["text"] for item in items}
    assert counted(cli, write(tmp_path, "empty.json", "[]"), "--format", "json").startswith("0 read")


def test_what_is_broken_in_a_json_list_costs_itself_only(cli, tmp_path):
    good = [json.dumps({"url": f"https://a.example/{n}", "text": TEXT}) for n in range(4)]
    long = json.dumps({"url": "https://a.example/9", "text": TEXT * 30_000})
    text = (
        f"[{good[0]},\n {{broken: 1}},\n {good[1]}, 7, {long},\n{good[2]},\n"
        '{"url": "https://a.example/8", "words": "slip"},\n'
        f'{{"url": "https://a.example/7", "text": "never closed,\n{good[3]}'
    )
    path = write(tmp_path, "a.json", text)
    ran = cli("mentions", "import", path)
    assert (ran.code, ran.out) == (1, "10 read: 4 written, 0 known, 0 not about your studies, 6 refused.\n")
    assert [line.removeprefix(f"{path}:") for line in ran.told.splitlines()] == [
        "2:2: is no JSON: Expecting property name enclosed in double quotes",
        f"3:{len(good[1]) + 4}: is no JSON object",
        f"3:{len(good[1]) + 7}: is no JSON: it does not end within 1,000,000 characters",
        (
            "5:1: has a field 'words' that is not known; known are author, external_id, kind, lang, network, "
            "published, source, text, title, url"
        ),
        "6:1: is no JSON: Invalid control character at",
        f"7:{len(good[3]) + 1}: ends before its list is closed; what stood behind is missing",
    ]
    ran = cli("mentions", "import", write(tmp_path, "b.json", json.dumps({"data": []})), "--format", "json")
    assert (ran.code, ran.told.partition(" is ")[2]) == (
        2,
        "no JSON list. One begins with [; objects on lines of their own are --format jsonl.",
    )


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "is an Excel workbook or another packed file; in Excel choose File, Save As, “CSV UTF-8”, and import that."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel workbook; in Excel choose File, Save As, “CSV UTF-8”, and import that."),
        (b"\x1f\x8b\x08\x00", "is packed with gzip; unpack it first, or: gunzip -c FILE | hypewatch mentions import -."),
        (b"%PDF-1.7\n", "is a PDF; copy its words and import them with --text."),
    ],
)  # fmt: skip
def test_what_holds_no_lines_says_how_to_save_it(cli, tmp_path, begins, told):
    path = write(tmp_path, "a.xlsx", begins + b"\x00\xff" * 20)
    ran = cli("mentions", "import", path)
    assert (ran.code, ran.told) == (2, f"{path} {told}")


def test_other_networks_of_zeeschuimer(cli, tmp_path):
    linkedin = {
        "updateMetadata": {"urn": "urn:li:aggregate:(urn:li:activity:7309846432972800000,urn:li:activity:1)"},
        "actor": {
            "name": {"text": "Ada L"},
            "navigationContext": {"actionTarget": "https://www.linkedin.com/in/ada-l?trk=x"},
        },
        "commentary": {"text": {"text": TEXT}},
    }
    gab = {"id": "11", "type": "post", "content": f"<p>{TEXT}</p><p>A &amp; B</p>", "account": {"username": "bob"}, "url": "https://gab.com/bob/posts/11", "created_at": "2025-03-24T08:00:00.000Z"}  # fmt: skip
    truth = gab | {"url": None, "account": {"username": "cy"}, "content": f"<p>{TEXT}<br/>2 < 4</p>"}
    lines = [
        zeeschuimer("linkedin.com", linkedin),
        zeeschuimer("gab.com", gab),
        zeeschuimer("truthsocial.com", truth),
        zeeschuimer("gab.com", gab | {"type": "group"}),
        zeeschuimer("linkedin.com", linkedin | {"updateMetadata": {"urn": "urn:li:ad:5"}}),
    ]
    path = write(tmp_path, "items.ndjson", "\n".join(lines))
    ran = cli("mentions", "import", path)
    assert (ran.code, ran.out) == (1, "5 read: 3 written, 0 known, 0 not about your studies, 2 refused.\n")
    assert [line.rpartition(": ")[2] for line in ran.told.splitlines()] == [
        "is a group of gab.com, not a post",
        "is an item of linkedin.com without its external_id and published where that is documented",
    ]
    assert {(row["source_key"], row["author"], row["url"], row["text"], row["published"]) for row in found(cli)} == {
        ("linkedin.com", "ada-l", "https://www.linkedin.com/feed/update/urn:li:activity:7309846432972800000", TEXT, "2025-03-24T08:00:00Z"),
        ("gab.com", "bob", "https://gab.com/bob/posts/11", f"{TEXT}\nA & B", "2025-03-24T08:00:00Z"),
        ("truthsocial.com", "cy", "https://truthsocial.com/@cy/11", f"{TEXT}\n2 < 4", "2025-03-24T08:00:00Z"),
    }  # fmt: skip
    assert counted(cli, path).startswith("5 read: 0 written, 3 known")


def test_csv_of_4cat_from_several_sources(cli, tmp_path):
    """The columns that 4CAT gives each of its sources, as its importers name them."""
    files = {
        "linkedin": (
            "id,thread_id,body,timestamp,author,author_name,post_url,unix_timestamp",
            f"77,77,{TEXT},2025-03-24 08:00:00,in/ada,Ada L,https://www.linkedin.com/feed/update/urn:li:activity:77,1742803200",
            ("in/ada", "https://www.linkedin.com/feed/update/urn:li:activity:77"),
        ),
        "tiktok": (
            "id,thread_id,author,author_full,body,timestamp,unix_timestamp,tiktok_url",
            f"55,55,eve,Eve,{TEXT},2025-03-24 08:00:00,1742803200,https://www.tiktok.com/@eve/video/55",
            ("eve", "https://www.tiktok.com/@eve/video/55"),
        ),
        "gab": (
            "id,type,created_at,thread_id,timestamp,url,body,account_username",
            f"11,post,2025-03-24T08:00:00.000Z,11,2025-03-24 08:00:00,https://gab.com/bob/posts/11,{TEXT},bob",
            ("bob", "https://gab.com/bob/posts/11"),
        ),
        "telegram": (
            "id,thread_id,chat,author,author_username,body,timestamp,unix_timestamp",
            f"lantern-9,lantern,lantern,4711,lanternnews,{TEXT},2025-03-24 08:00:00,1742803200",
            ("4711", None),
        ),
    }
    for name, (head, row, _) in files.items():
        path = write(tmp_path, f"{name}.csv", f"{head}\r\n{row}\r\n")
        assert counted(cli, path).startswith("1 read: 1 written"), name
        assert counted(cli, path).startswith("1 read: 0 written, 1 known"), name
    assert {(row["author"], row["url"], row["kind"], row["published"]) for row in found(cli)} == {
        (*told, "post", "2025-03-24T08:00:00Z") for _, _, told in files.values()
    }


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_first_line_that_tells_a_spreadsheet_the_separator(cli, tmp_path, mark, start):
    table = "\r\n".join(mark.join(cells) for cells in (("url", "title", "text"), ("https://a.example/1", "T", TEXT)))
    path = write(tmp_path, "out.txt", f"{start}sep={mark}\r\n{table}\r\n")
    assert "1 read: 1 written" in counted(cli, path)
    assert [row["title"] for row in found(cli)] == ["T"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_unicode_text_of_an_office_program(cli, tmp_path, codec):
    table = f"\ufeffurl\ttitle\ttext\r\nhttps://a.example/1\tT\t{TEXT} 慶應\r\n"
    path = write(tmp_path, "out.txt", table.removeprefix("\ufeff" if codec == "utf-16" else "").encode(codec))
    assert "1 read: 1 written" in counted(cli, path)
    assert found(cli)[0]["text"].endswith("慶應")
    bare = write(tmp_path, "bare.csv", table.removeprefix("\ufeff").encode("utf-16-le"))
    ran = cli("mentions", "import", bare, "--format", "text")
    assert "it is UTF-16; import it with --encoding utf-16-le" in ran.told


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_only_a_line_feed_ends_a_line_of_a_file(cli, tmp_path, inside):
    row = {"url": "https://a.example/1", "title": "T", "text": f"{TEXT} a|b"}
    line = json.dumps(row, ensure_ascii=False).replace(
        "a|b", f"a{inside if inside > chr(31) else json.dumps(inside)[1:-1]}b"
    )
    assert "1 read: 1 written" in counted(cli, write(tmp_path, "a.jsonl", line + "\n"))
    table = f"url,title,text\nhttps://a.example/2,T,{TEXT} a{inside}b\n"
    assert "1 read: 1 written" in counted(cli, write(tmp_path, "a.csv", table))


@pytest.mark.parametrize("processes", [1, 2])
def test_many_lines_are_judged_by_all_cores_and_told_in_order(cli, tmp_path, monkeypatch, processes):
    started = []
    pool = judges.ProcessPoolExecutor
    monkeypatch.setattr(judges, "cores", lambda: processes)
    monkeypatch.setattr(judges, "ProcessPoolExecutor", lambda *given: started.append(given[0]) or pool(*given))
    lines = [
        {"url": f"https://paper.example/{number}", "text": f"{TEXT} {BREAD} Page {number}.", "published": "2025-03-24"}
        for number in range(150)
    ]
    lines[30], lines[120] = {"url": "https://paper.example/30"}, {"text": TEXT}
    lines[140]["text"] = BREAD
    path = write(tmp_path, "many.jsonl", "\n".join(json.dumps(line) for line in lines))
    ran = cli("mentions", "import", path)
    assert ran.code == 1
    assert ran.out.strip() == "150 read: 147 written, 0 known, 1 not about your studies, 2 refused."
    assert [line.split(":")[1] for line in ran.err.strip().splitlines()] == ["31", "121"]
    assert counted(cli, path).strip() == "150 read: 0 written, 147 known, 1 not about your studies, 2 refused."
    held = json.loads(cli("mentions", "walking", "--all", "--format", "json").out)
    assert len({tuple((flag["rule"], flag["quote"]) for flag in row["flags"]) for row in held}) == 1
    assert len(held) == 147
    assert started == ([2, 2] if processes == 2 else [])
