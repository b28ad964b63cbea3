from __future__ import annotations

from urllib.parse import quote


def test_claims_are_listed_and_found_by_their_id(reader):
    found = reader.get("/claims")["items"]
    assert found
    assert found == sorted(found, key=lambda one: -one["mentions"])
    whole = reader.get(f"/claims/{quote(found[0]['id'])}")
    assert {name: whole[name] for name in found[0]} == found[0], "the list tells the same of it"
    for none in ("nonsense", f"{found[0]['id']}-none"):
        assert reader("GET", f"/claims/{quote(none)}").status_code == 404


def test_a_claim_is_told_over_time_with_who_makes_it_and_in_which_words(reader):
    told = reader.get("/claims/keio-ips-sci.overstated-outcome.walking")
    assert told["days"] == [{"day": "2026-03-03", "mentions": 3}]
    assert {(one["name"], one["mentions"], one["asked"]) for one in told["made_by"]} >= {
        ("First", 1, 0),
        ("Copy", 1, 0),
    }
    assert told["wordings"][0] == {"quote": "is walking again", "mentions": 2}
    mentions = {one["id"] for one in reader.get("/mentions?q=tier:confirmed")["items"]}
    assert {one["mention"] for one in told["examples"]} == mentions
    shown = next(one for one in told["examples"] if one["source"] == "First")
    assert (shown["title"], shown["quote"], shown["published"]) == (
        "Paralysed man is walking again",
        "is walking again",
        "2026-03-03T04:00:00Z",
    )
    assert shown["flag"] in {one["id"] for one in reader.get("/flags")["items"]}
