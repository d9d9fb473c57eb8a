"""病毒查杀: asks a scanner that speaks the clamd protocol, where an installation has one (PORTAL_CLAMD)."""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlparse

CHUNK = 64 * 1024
SECONDS = 20


class ScannerAway(OSError):
    """The scanner does not answer."""


def finding(address: str, data: bytes) -> str:
    """Name of what the scanner found in `data`; empty if nothing. address: tcp://host:3310 or unix:///path.

    Raises ScannerAway if it cannot be asked.
    """
    try:
        with _connect(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                chunk = data[start : start + CHUNK]
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            said = _all_of(connection).rstrip(b"\0\n").decode("utf-8", "replace")
    except OSError as away:
        raise ScannerAway(str(away)) from away
    if said.endswith("OK"):
        return ""
    if said.endswith("FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerAway(said or "no answer")


def _connect(address: str) -> socket.socket:
    parsed = urlparse(address)
    if parsed.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        connection.connect(parsed.path)
        return connection
    return socket.create_connection((parsed.hostname or "127.0.0.1", parsed.port or 3310), SECONDS)


def _all_of(connection: socket.socket) -> bytes:
    said = b""
    while part := connection.recv(4096):
        said += part
        if said.endswith(b"\0"):
            break
    return said
