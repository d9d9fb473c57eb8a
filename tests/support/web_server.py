"""The application behind its real web server, in a process of its own, for tests that need a browser or a socket."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from portal.config import Settings

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 30


@dataclass(frozen=True)
class LiveServer:
    """A running server: its address, and an application on the same database to build test data with."""

    url: str
    app: Flask


@contextmanager
def serve(settings: Settings, log: Path) -> Iterator[str]:
    """Serve the application on a free port of this machine until the block ends; yields its URL.

    The server keeps its state (the demo's clock) beside `log`.
    Raises RuntimeError with the end of the server's log if it does not answer.
    """
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "portal:create_app"]
    environment = os.environ | environment_of(settings) | {"PORTAL_STATE": str(log.parent)}
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # granian hangs when Ctrl-C reaches its workers too
        )
    try:
        if not _answers(server, port):
            raise RuntimeError(f"the web server does not answer:\n{log.read_text(errors='replace')[-4000:]}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables from which another process reads the same settings."""
    return {
        "DATABASE_URL": settings.database_url,
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_VAULT_KEY": settings.vault_key,
        "PORTAL_RECEIPT_KEY": settings.receipt_key,
        "PORTAL_STORAGE_URL": settings.storage_url,
        "PORTAL_PAGE_CACHE_SECONDS": str(settings.page_cache_seconds),
        "PORTAL_COUNTS_SECONDS": str(settings.counts_seconds),
        "PORTAL_DEMO": "1" if settings.demo else "",
        "PORTAL_SMTP_URL": settings.smtp_url,
        "PORTAL_MAIL_FROM": settings.mail_from,
        "PORTAL_SITE_URL": settings.site_url,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until anything is answered; False if the server ends or the time is up first."""
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_START)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
            return True
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    return False
