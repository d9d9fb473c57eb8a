"""A web site that answers as a test says: well, badly, slowly or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, str]
"""HTTP status and body; status 0: the connection is closed without an answer."""


class OddSite:
    """Where it is found, and what it was asked for."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.seconds_between_bytes = 0.0
        self.url = ""


@contextmanager
def odd_site(answer: Callable[[str], Answer]) -> Iterator[OddSite]:
    """Serve what `answer` says for each path until the block ends."""
    site = OddSite(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, body = site.answer(self.path)
            if not status:
                self.close_connection = True
                return
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if status in (301, 302):
                self.send_header("Location", f"{site.url}/elsewhere")
            self.end_headers()
            for byte in [data[at : at + 1] for at in range(len(data))] if site.seconds_between_bytes else [data]:
                try:
                    self.wfile.write(byte)
                except OSError:
                    return  # whoever asked has left
                time.sleep(site.seconds_between_bytes)

        def log_message(self, *_arguments: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
