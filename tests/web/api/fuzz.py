"""Asks a real process all that its OpenAPI document allows, and much that it does not: no answer may be a 5xx, and each must be as
the document says.

`python -m tests.web.api.fuzz --seconds 600` runs it for ten minutes and prints what schemathesis found; `--postgres` on a PostgreSQL of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import running_postgres
from tests.web.api.process import Served, serving

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
#: What asks the outside, or would take the run's own key away.
LEFT_OUT = ("mentions-add", "feeds-test", "feeds-look-at", "webhooks-test", "tokens-revoke-token")


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
            "60",
        ),
        *(part for name in LEFT_OUT for part in ("--exclude-operation-id", name)),
        *(() if seed is None else ("--seed", str(seed))),
    ]
    with tempfile.TemporaryDirectory() as folder:  # it keeps its examples beside it
        return subprocess.run(
            command, capture_output=True, text=True, timeout=seconds + 240, check=False, cwd=folder, env=os.environ
        )


def main() -> int:
    """The long run, by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        more = {"HYPEWATCH_API_PER_MINUTE": "0"}
        if given.postgres:
            more["HYPEWATCH_DATABASE_URL"] = stack.enter_context(running_postgres())
        done = fuzzed(stack.enter_context(serving(home, **more)), given.seconds, seed=given.seed)
        print(done.stdout, done.stderr)  # noqa: T201 - a report is what it is for
        print((home / "serve.log").read_text()[-5_000:])  # noqa: T201
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
