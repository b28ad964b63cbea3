"""A short run of the fuzzer (`tests.web.api.fuzz`); the long one is by hand."""

from __future__ import annotations

import pytest

from tests.web.api.fuzz import fuzzed
from tests.web.api.process import serving

#: Of the whole run, the process's start and the first phases included.
SECONDS = 30


@pytest.mark.timeout(300)
def test_nothing_that_the_document_allows_breaks_or_answers_otherwise(tmp_path, database_url):
    with serving(tmp_path, HYPEWATCH_API_PER_MINUTE="0", HYPEWATCH_DATABASE_URL=database_url) as running:
        done = fuzzed(running, SECONDS)
        told = (tmp_path / "serve.log").read_text()
    assert done.returncode == 0, f"{done.stdout[-6_000:]}\n{done.stderr[-2_000:]}\n{told[-3_000:]}"
    assert "Traceback" not in told
