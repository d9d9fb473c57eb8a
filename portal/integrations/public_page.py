"""A page of the web as anybody gets it: whether it answers, and the fingerprint of the content it shows (rule N7)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

SECONDS_PER_ANSWER = 5.0
SECONDS_AT_MOST = 10.0
LARGEST = 2 * 2**20
_PIECE = 64 * 1024
_FINGERPRINT = re.compile(rb'data-content-hash="([0-9a-f]{64})"')
_HEADERS = {"User-Agent": "portal-watch", "Accept": "text/html", "Cache-Control": "no-cache"}


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw."""

    http_status: int | None
    """None: nobody answered, or not in time."""
    content_hash: str
    milliseconds: int


def look(address: str) -> Look:
    """Fetch this http or https address once and say what was there. Another place it leads to is not looked at.

    Raises ValueError for an address that is none.
    """
    place = urlsplit(address)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise ValueError(f"no address of the web: {address}")
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    connection = kind(place.hostname, place.port, timeout=SECONDS_PER_ANSWER)
    begun = time.monotonic()
    status, body = None, b""
    try:
        connection.request("GET", place.path or "/", headers=_HEADERS)
        answer = connection.getresponse()
        while piece := answer.read1(_PIECE):
            body += piece
            if len(body) > LARGEST or time.monotonic() - begun > SECONDS_AT_MOST:
                raise TimeoutError("too much, or too slowly")
        status = answer.status
    except (OSError, HTTPException):
        body = b""
    finally:
        connection.close()
    found = _FINGERPRINT.search(body)
    return Look(status, found[1].decode() if found else "", int(1000 * (time.monotonic() - begun)))
