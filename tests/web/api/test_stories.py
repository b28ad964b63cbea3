from __future__ import annotations


def test_a_story_tells_who_said_it_first_and_who_took_it_from_whom(reader):
    story = next(one for one in reader.get("/stories")["items"] if one["mentions"] == 2)
    whole = reader.get(f"/stories/{story['id']}")
    assert (whole["first_said_by"], whole["mentions"], whole["title"]) == ("First", 2, "Paralysed man is walking again")
    first, copy = whole["told_by"]
    assert (first["how"], first["hop"], first["from"], first["new_drift"]) == ("first", 0, None, ["overstated-outcome"])
    assert (copy["how"], copy["hop"], copy["from"], copy["new_drift"]) == ("copies", 1, first["mention"], [])
    assert first["mention"] == story["first_mention"]
    assert {name: whole[name] for name in story} == story, "the list tells the same of it"
    assert (story["outlets"], story["too_far"], whole["more"]) == (2, 2, 0)


def test_stories_are_searched_and_one_that_there_is_not_is_said(reader):
    assert reader.get("/stories?q=nothing-like-it")["items"] == []
    assert len(reader.get("/stories?q=walking")["items"]) == 1
    assert reader("GET", "/stories/999").status_code == 404
    assert reader("GET", "/stories?q=(").json()["code"] == "query"
