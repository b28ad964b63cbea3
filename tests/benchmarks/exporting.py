"""What an export of everything costs, and whom it keeps waiting: `python tests/benchmarks/exporting.py [mentions] [home]`.

Prints a table; pytest never runs it. Mentions are seeded straight into rows and index (`backtest.py`). For each form a process of its
own serves the pages; the file is asked for over HTTP, and meanwhile another asks for pages, one after the other, a tenth of a second apart. Told are the
seconds to the first byte and to the last, the most memory that the process had, and the slowest page meanwhile.
`HYPEWATCH_DATABASE_URL` names another database than the home's SQLite (`postgres.py` starts one).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from backtest import NOW, seed

from monitor.core.search.query import parse_query
from monitor.service import Service
from monitor.settings import load

PORT = 8398
FORMS = ("csv", "json", "jsonl", "xlsx", "parquet", "csv?rows=flags", "xlsx?rows=flags", "csv?q=paralysed", "atom")
#: What somebody else asks for meanwhile.
OTHERS = ("/", "/mentions?q=paralysed", "/mentions", "/outlets/1")


@dataclass
class Export:
    """One file as it came."""

    form: str
    first: float = 0.0
    whole: float = 0.0
    size: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", PORT)) as connection:
            begun = time.perf_counter()
            connection.request("GET", f"/mentions.{self.form}")
            answer = connection.getresponse()
            assert answer.status == 200, (self.form, answer.status)
            while piece := answer.read1(65_536):
                self.first = self.first or time.perf_counter() - begun
                self.size += len(piece)
            self.whole = time.perf_counter() - begun
        self.done.set()


def service_at(home: Path) -> Service:
    url = os.environ.get("HYPEWATCH_DATABASE_URL")
    given = {"HYPEWATCH_DATABASE_URL": url} if url else {}
    return Service(load({"HYPEWATCH_HOME": str(home), "HYPEWATCH_PORT": str(PORT), **given}), clock=lambda: NOW)


def serve(home: Path) -> None:
    import uvicorn

    from monitor.web.app import build_app

    uvicorn.run(build_app(service_at(home)), host="127.0.0.1", port=PORT, log_level="error")


@contextlib.contextmanager
def serving(home: Path):
    """The pages in a process of their own, asked once each; gives its number."""
    process = subprocess.Popen([sys.executable, __file__, "serve", str(home)])
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                for page in OTHERS:
                    asked(page)
                break
            time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def asked(page: str) -> float:
    """Seconds until a page is there, whole."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", PORT)) as connection:
        begun = time.perf_counter()
        connection.request("GET", page)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (page, answer.status)
        return time.perf_counter() - begun


def peak(pid: int) -> float:
    """The most memory that the process had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main(count: int, home: Path) -> None:
    service = service_at(home)
    if not service.store.count(parse_query("", NOW)):
        seed(service, count)
    print(f"{service.store.count(parse_query('', NOW)):,} mentions\n")
    service.store.close()
    print("| file | first byte | whole | size | memory | slowest page meanwhile | alone |")
    print("|---|---|---|---|---|---|---|")
    chosen = sys.argv[3:] or FORMS
    for form in chosen:
        with serving(home) as pid:
            alone = max(asked(page) for page in OTHERS for _ in range(3))
            export, slowest = Export(form), 0.0
            threading.Thread(target=export.run, daemon=True).start()
            while not export.done.is_set():
                for page in OTHERS:
                    slowest = max(slowest, asked(page))
                    time.sleep(0.1)
            print(
                f"| `{form}` | {export.first:.2f} s | {export.whole:.1f} s | {export.size / 1e6:.0f} MB | {peak(pid):.0f} MB "
                f"| {slowest:.2f} s | {alone:.2f} s |",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    else:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(prefix="hypewatch-exports-"))
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, folder)
