"""Asks a real process all that its OpenAPI document allows, and much that it does not: no answer may be a 5xx, and each must be as
the document says.

`python -m tests.web.api.fuzz --seconds 600` runs it for ten minutes and prints what schemathesis found.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.web.api.process import Served, serving

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
#: What asks the outside, or would take the run's own key away.
LEFT_OUT = ("mentions-add", "feeds-test", "webhooks-test", "tokens-revoke-token")


def fuzzed(served: Served, seconds: int, *, seed: int | None = None) -> subprocess.CompletedProcess[str]:
    """What schemathesis says after so many seconds; exit 0: nothing was wrong."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}/api/v1/openapi.json"),
        *("-H", f"Authorization: Bearer {served.key}"),
        *("--url", served.url, "--checks", ",".join(CHECKS), "--max-time", str(seconds)),
        *(
            "--warnings",
            "off",
            "--wait-for-schema",
            "60",
            "--no-color",
            "--continue-on-failure",
            "--request-timeout",
            "20",
        ),
        *(part for name in LEFT_OUT for part in ("--exclude-operation-id", name)),
        *(() if seed is None else ("--seed", str(seed))),
    ]
    with tempfile.TemporaryDirectory() as folder:  # it keeps its examples beside it
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds + 240, check=False, cwd=folder, env=os.environ
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, serving(Path(home), HYPEWATCH_API_PER_MINUTE="0") as running:
        done = fuzzed(running, given.seconds, seed=given.seed)
        print(done.stdout, done.stderr)  # noqa: T201 - a report is what it is for
        print((Path(home) / "serve.log").read_text()[-5_000:])  # noqa: T201
    sys.exit(done.returncode)
