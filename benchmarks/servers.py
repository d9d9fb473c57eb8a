"""Web servers to measure: each started by the command that serves the portal in production, on a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import ask, get
from portal.cli.demo import server_command
from portal.config import ROOT, Settings

WORKERS = 2
SECONDS_TO_START = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server with WORKERS worker processes."""

    port: int
    process: subprocess.Popen[bytes]

    def peak_megabytes(self) -> float:
        """The most memory that one of its workers has held so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        peaks = [
            int(line.split()[1])
            for child in children
            for line in Path(f"/proc/{child}/status").read_text().splitlines()
            if line.startswith("VmHWM:")
        ]
        return max(peaks, default=0) / 1024


@contextmanager
def serve(application: str, folder: Path, database_url: str = "", page_cache_seconds: float = 0) -> Iterator[Server]:
    """Serve `application` ("module:factory") until the block ends.

    Raises RuntimeError with the end of the log, which lies in `folder`, if it does not answer in time.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = Settings.for_tests("sqlite://", folder)  # those under which drafts were sealed
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "PORTAL_SECRET_KEY": keys.secret_key,
        "PORTAL_VAULT_KEY": keys.vault_key,
        "PORTAL_RECEIPT_KEY": keys.receipt_key,
        "PORTAL_STATE": str(folder),
        "PORTAL_PAGE_CACHE_SECONDS": str(page_cache_seconds),
    }
    log = folder / f"server-{port}.log"
    command = [*server_command("127.0.0.1", port, workers=WORKERS)[:-1], application]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(process, port, log)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.unlink()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            ask(port, get("/"))
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the web server does not answer:\n{log.read_text(errors='replace')[-3000:]}")
