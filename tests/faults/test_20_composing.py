"""A digest that cannot be composed (reliability, fault 20): shown on Today, by `doctor`, `/healthz` and in the ledger; the other
studies go on; mailed when it is mended.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request

import pytest

from tests.fakes.house import asked, subscribe
from tests.fakes.studies import SHEET

OTHER = SHEET.replace("mine", "other").replace("Mine", "Other").replace("who: [Us]", "who: [bakery]")
#: What the judge does with one study.
RAISES = """
import monitor.pipeline.deliver as deliver
compose = deliver.compose
def breaks(given, study, **more):
    if study.id == "other":
        raise ValueError("the judge has lost count")
    return compose(given, study, **more)
deliver.compose = breaks
"""
#: Case: what becomes of the sheet, what the process does, and words of the sentence that a person reads.
CASES = {
    "sheet gone": (None, "", "other"),
    "one broken file": ("id: other\nname: [\n", "", "other.yaml"),
    "judge raises": (OTHER, RAISES, "ValueError: the judge has lost count"),
}
#: A digest is tried again after two minutes: the clock of the process that mends it is so many seconds ahead.
LATER = 200


@pytest.mark.parametrize("case", CASES)
def test_it_is_shown_everywhere_and_mailed_when_mended(house, wait_for, case):
    text, before, said = CASES[case]
    sheet = house.service.settings.home / "studies" / "other.yaml"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text(OTHER)
    waits = subscribe(house, "waits@example.org", study_id="other")
    subscribe(house, "goes.on@example.org")
    sheet.unlink() if text is None else sheet.write_text(text)
    running = house.start("run", "--port", "0", before=before, HYPEWATCH_BROKER_URL="memory://")
    address = wait_for_address(house, wait_for)
    wait_for(lambda: "could not be composed" in house.logs(), 60, f"it is tried\n{house.logs()}")
    wait_for(lambda: mailed(house) == ["goes.on@example.org"], 60, f"the other study goes on\n{house.logs()}")

    status, health = get(address + "healthz")
    assert (status, json.loads(health)["digests_not_composed"]) == (503, 1)
    _, today = get(address)
    assert "waits@example.org" in today
    assert said in today
    for command in (("doctor", "--format", "json"), ("digest", "status")):
        code, told = asked(house, *command)
        assert "waits@example.org" in told, command
        assert said in told, command
        assert code == (1 if command[0] == "doctor" else 0)
    assert "Traceback" not in today

    house.kill(running)
    sheet.write_text(OTHER)
    house.start("run", "--port", "0", ahead=LATER, HYPEWATCH_BROKER_URL="memory://")
    both = ["goes.on@example.org", "waits@example.org"]
    wait_for(lambda: mailed(house) == both, 60, f"it is mailed\n{house.logs()}")
    assert house.store.subscription(waits.id).due_at > house.now
    assert house.store.failing_digests(house.now) == ()


def mailed(house):
    return sorted(digest.recipient for digest in house.store.digests() if digest.state == "sent")


def wait_for_address(house, wait_for):
    found = re.compile(r"Hypewatch is at (\S+)")
    wait_for(lambda: found.search(house.logs()), 30, f"it starts\n{house.logs()}")
    return found.search(house.logs())[1]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
