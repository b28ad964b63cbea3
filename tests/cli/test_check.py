"""`hypewatch check`: the shapes of the contract, exit codes, and files that cannot be read."""

from __future__ import annotations

import json

import pytest

HYPE = "A paralysed man is walking again after Keio University put iPS cells into his injured spinal cord."
MILD = "Keio University said that two of the four patients in its iPS cell study of spinal cord injury improved."
OTHER = "The bakery on the corner has a new loaf."
KEYS = [
    "schema",
    "id",
    "about_study",
    "because",
    "lang",
    "judged",
    "drift",
    "score",
    "flags",
    "caveats",
    "score_parts",
    "ruleset",
]
FLAG_KEYS = [
    "rule",
    "drift",
    "severity",
    "confidence",
    "tier",
    "in",
    "start",
    "end",
    "quote",
    "message",
    "finding",
    "source",
    "correction",
]


def rows(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_one_line_as_the_contract_says(bare):
    ran = bare("check", "--format", "jsonl", stdin=HYPE)
    (row,) = rows(ran.out)
    assert (ran.code, ran.err) == (1, "")
    assert list(row) == KEYS
    assert (row["schema"], row["id"], row["about_study"], row["drift"]) == ("hypewatch.check/1", "<stdin>", True, True)
    assert {"Keio", "iPS"} <= set(row["because"])
    assert set(row["caveats"]) == {"present", "missing"}
    assert row["ruleset"].startswith("sha256:")
    assert row["score"] == pytest.approx(min(100, sum(row["score_parts"].values())), abs=1)
    assert [list(flag) for flag in row["flags"]] == [FLAG_KEYS] * len(row["flags"])
    (flag,) = [flag for flag in row["flags"] if flag["rule"] == "above-outcome"]
    assert flag | {"confidence": 0, "message": "", "correction": ""} == {
        "rule": "above-outcome",
        "drift": "overstated-outcome",
        "severity": "high",
        "confidence": 0,
        "tier": "confirmed",
        "in": "text",
        "start": HYPE.index("walking again"),
        "end": HYPE.index("walking again") + len("walking again"),
        "quote": "walking again",
        "message": "",
        "finding": "walking",
        "source": {"title": "NHK report of 23 March 2025, as carried by WAM", "url": None},
        "correction": "",
    }
    assert flag["correction"]
    assert flag["message"].startswith("“walking again” ")


def test_many_lines_in_order_and_a_bad_one_spoils_no_other(bare):
    lines = [
        json.dumps({"id": "a", "text": HYPE}),
        "{not json",
        json.dumps({"id": "c", "title": HYPE, "text": MILD}),
        json.dumps({"id": "d"}),
        json.dumps({"id": "e", "text": HYPE, "kind": "novel"}),
        json.dumps(["f"]),
        "",
        json.dumps({"id": "g", "text": OTHER, "kind": "post"}),
    ]
    ran = bare("check", "--jsonl", "--format", "jsonl", "-", stdin="\n".join(lines))
    found = rows(ran.out)
    assert ran.code == 2
    assert [row["id"] for row in found] == ["a", "<stdin>:2", "c", "d", "e", "<stdin>:6", "g"]
    assert {row["id"]: row["error"] for row in found if "error" in row} == {
        "<stdin>:2": "<stdin>:2:2: is no JSON: Expecting property name enclosed in double quotes",
        "d": '<stdin>:4:1: has no "text"',
        "e": '<stdin>:5:1: "kind" must be "article" or "post"',
        "<stdin>:6": "<stdin>:6:1: is no JSON object",
    }
    judged = {row["id"]: row for row in found if "error" not in row}
    assert {key: row["drift"] for key, row in judged.items()} == {"a": True, "c": True, "g": False}
    texts = {"a": {"text": HYPE}, "c": {"title": HYPE, "text": MILD}}
    for key, where in texts.items():
        for flag in judged[key]["flags"]:
            assert where[flag["in"]][flag["start"] : flag["end"]] == flag["quote"]
    assert {flag["in"] for flag in judged["c"]["flags"] if flag["rule"] == "above-outcome"} == {"title"}
    assert (judged["g"]["about_study"], judged["g"]["flags"]) == (False, [])


GERMAN = (
    "Ein Gelähmter kann wieder gehen, nachdem Ärzte der Keio-Universität ihm iPS-Zellen in das verletzte Rückenmark gespritzt "
    "haben: Wunder, walking again, teilten sie mit."
)


def test_a_language_without_rules_is_told_and_never_as_free_of_drift(bare):
    ran = bare("check", "--assume-relevant", stdin=GERMAN)
    assert (ran.code, ran.out, ran.err) == (
        0,
        "<stdin>: not judged (German): there are no rules for this language.\n",
        "",
    )
    (row,) = rows(bare("check", "--assume-relevant", "--format", "jsonl", stdin=GERMAN).out)
    assert (row["lang"], row["judged"], row["reason"], row["drift"]) == ("de", False, "not judged (German)", False)
    assert (row["flags"], row["caveats"]["missing"]) == ([], [])
    (english,) = rows(bare("check", "--format", "jsonl", stdin=HYPE).out)
    assert (english["lang"], english["judged"]) == ("en", True)
    assert "reason" not in english


def test_exit_0_1_and_2(bare, tmp_path):
    for name, text in (("hype", HYPE), ("mild", MILD), ("other", OTHER)):
        (tmp_path / f"{name}.txt").write_text(text)
    assert bare("check", tmp_path / "mild.txt").code == 0
    assert bare("check", tmp_path / "other.txt").code == 0
    assert bare("check", tmp_path / "mild.txt", tmp_path / "hype.txt").code == 1
    ran = bare("check", tmp_path / "missing.txt", tmp_path / "hype.txt")
    assert ran.code == 2
    assert f"{tmp_path / 'missing.txt'} cannot be read: No such file or directory." in ran.told
    assert "above-outcome" in ran.out, "the other file is judged"


def test_text_is_one_line_a_flag_with_place_words_finding_source_and_advice(bare, tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(f"News\n\n{HYPE}\n")
    ran = bare("check", path)
    (line,) = [line for line in ran.out.splitlines() if " above-outcome " in line]
    column = HYPE.index("walking again") + 1
    assert line.startswith(f"{path}:3:{column} high above-outcome “walking again” ")
    assert "Source: NHK report of 23 March 2025, as carried by WAM." in line
    assert "You could say: " in line
    assert ran.err.startswith(f"{path}: score ")


def test_not_about_the_study_is_said_and_can_be_overruled(bare):
    line = "A paralysed man is walking again."
    ran = bare("check", stdin=line)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "<stdin>: not about the study. (--assume-relevant judges it all the same.)\n"
    ran = bare("check", "--assume-relevant", "--format", "jsonl", stdin=line)
    (row,) = rows(ran.out)
    assert (ran.code, row["about_study"], row["drift"]) == (1, True, True)


def test_json_shows_the_parts_of_the_score(bare):
    ran = bare("check", "--format", "json", stdin=HYPE)
    row = json.loads(ran.out)
    assert list(row) == [*KEYS, "claims"]
    assert row["score_parts"]
    (claim,) = [claim for claim in row["claims"] if "walking again" in claim["quote"]]
    assert (claim["speaker"], claim["certainty"], claim["distance"]) == ("writer", "plain", 2)


def test_a_saved_page_is_read_as_its_article(bare, tmp_path):
    quoted = "Breaking: paralysis is cured!"
    page = (
        f"<!DOCTYPE html><html lang=en><head><title>From Keio</title></head><body><nav>Miracle cures</nav><article>"
        f"<h1>From Keio</h1><p>{HYPE}</p><p>{MILD}</p><blockquote class='twitter-tweet'><p lang=en>{quoted}</p>"
        "&mdash; Someone (@someone) <a href='https://twitter.com/someone/status/1904000000000000001'>March 24, 2025</a>"
        "</blockquote></article></body></html>"
    )
    path = tmp_path / "saved.html"
    path.write_text(page)
    (row,) = rows(bare("check", "--format", "jsonl", path).out)
    quotes = [flag["quote"] for flag in row["flags"]]
    assert "walking again" in quotes
    assert not any("cure" in quote.lower() for quote in quotes), "the menu and the quoted post are not the article"


def test_rules_of_a_folder_are_added_to_those_in_use(bare, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    rule = (
        'id: our-loaf\nmessage: "“{match}” is bread."\nwhy: It is bread.\nseverity: low\nkind: phrase\n'
        "drift: sensational-language\nmatch:\n  any: [new loaf]\nflags: [A new loaf is here., One new loaf.]\n"
        "passes: [Two of the four patients improved.]\n"
    )
    (folder / "our-loaf.yaml").write_text(rule)
    (row,) = rows(bare("check", "--assume-relevant", "--rules", folder, "--format", "jsonl", stdin=OTHER).out)
    assert [(flag["rule"], flag["quote"]) for flag in row["flags"] if flag["rule"] == "our-loaf"] == [
        ("our-loaf", "new loaf")
    ]
    (plain,) = rows(bare("check", "--assume-relevant", "--format", "jsonl", stdin=OTHER).out)
    assert plain["ruleset"] != row["ruleset"]

    (folder / "our-loaf.yaml").write_text(rule.replace("severity: low", "severty: low"))
    ran = bare("check", "--rules", folder, stdin=OTHER)
    assert ran.code == 2
    assert f"{folder / 'our-loaf.yaml'}:4:10: `severty` is no key of a rule; did you mean 'severity'?" in ran.told
    (folder / "our-loaf.yaml").write_text("id: [unclosed\nmessage: x\n")
    ran = bare("check", "--rules", folder, stdin=OTHER)
    assert (ran.code, ran.out) == (2, "")
    assert str(folder / "our-loaf.yaml") in ran.told


def test_an_unknown_study_is_told_with_those_there_are(bare):
    ran = bare("check", "--study", "keyo", stdin=HYPE)
    assert (ran.code, ran.told) == (2, "There is no study 'keyo'. There are: keio-ips-sci.")


def test_an_address_that_cannot_be_read(bare, web, fakes):
    bare.set(allow_private_networks=web.host)
    ran = bare("check", web.url("/nothing"))
    assert ran.code == 2
    assert web.url("/nothing") in ran.told


def test_the_sample_article_reads_as_an_expert_would_write_it(bare, facts):
    path = facts / "sample-article.txt"
    text = path.read_text(encoding="utf-8")
    ran = bare("check", "--format", "jsonl", path)
    (row,) = rows(ran.out)
    assert (ran.code, row["about_study"], row["drift"]) == (1, True, True)
    assert len(row["flags"]) >= 11
    for flag in row["flags"]:
        assert text[flag["start"] : flag["end"]] == flag["quote"]
        assert flag["quote"].casefold() in flag["message"].casefold() or flag["tier"] == "look-here", flag
    quotes = " | ".join(flag["quote"] for flag in row["flags"])
    for words in ("walking again", "MedicalMiracle", "brains"):
        assert words in quotes
    told = bare("check", path).out.splitlines()
    assert len(told) == len(row["flags"]), "one line a flag"


def test_nothing_is_written_and_no_database_is_needed(bare):
    bare("check", stdin=HYPE)
    assert not bare.home.exists()


def test_what_was_measured_last_is_json_for_who_asks_for_json(bare):
    told = json.loads(bare.ok("accuracy", "--format", "json"))
    assert told["schema"] == "hypewatch.accuracy/1"
    rows = [row for table in told["tables"] for row in table["rows"]]
    assert len(rows) > 100
    assert any(row.get("measure") == "precision" and 0.5 < row["value"] <= 1 for row in rows)
    assert all(table["section"] and table["rows"] for table in told["tables"])
    assert "# Accuracy" in bare.ok("accuracy")


@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_line_of_json_that_ends_too_early_is_told_where_it_ends(bare, command):
    ran = bare(command, "--jsonl", "-", "--format", "jsonl", stdin='{"id": "a"\n')
    assert ":11: is no JSON" in ran.out + ran.err


def test_other_tools_read_flags_at_their_places(bare, tmp_path):
    file = tmp_path / "release.txt"
    file.write_text(f"For the press.\n{HYPE}\n", encoding="utf-8")
    ran = bare("check", "--format", "github", file, tmp_path / "none.txt")
    assert ran.code == 2
    lines = ran.out.splitlines()
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert any(f"file={file},title=above-outcome,line=2,endLine=2,col=" in line for line in lines)
    assert lines[-1].startswith(f"::error file={tmp_path / 'none.txt'},title=not read::")
    ran = bare("check", "--format", "sarif", file)
    (run,) = json.loads(ran.out)["runs"]
    assert ran.code == 1
    where = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    lines = file.read_text(encoding="utf-8").splitlines()
    for place in (one["region"] for one in where):
        line = lines[place["startLine"] - 1]
        assert line[place["startColumn"] - 1 : place["endColumn"] - 1] == place["snippet"]["text"]
    assert run["properties"]["ruleset"].startswith("sha256:")


def test_several_texts_end_with_a_summary(bare, tmp_path):
    for name, text in (("a", HYPE), ("b", MILD), ("c", OTHER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    ran = bare("check", *(tmp_path / name for name in "abc"))
    summary = ran.err.splitlines()[-1]
    assert summary.startswith("3 texts: 1 go too far, 1 fine, 1 not about the study. Flags: ")
    assert " high" in summary
    assert "texts:" not in bare("check", tmp_path / "a").err
