"""A scanner on a socket of its own that speaks the clamd protocol and knows one virus: the standard test string."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.files import EICAR


class _Scan(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        data = b""
        while length := struct.unpack("!I", self.rfile.read(4))[0]:
            data += self.rfile.read(length)
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def scanner() -> Iterator[str]:
    """Its address, until the block ends."""
    with _Server(("127.0.0.1", 0), _Scan) as server:
        thread: Any = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
