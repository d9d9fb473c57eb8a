"""Where files lie: a local directory by default, an S3-compatible store when several machines serve."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url


class StoreAway(OSError):
    """The store takes nothing for the moment: it is full, or cannot be reached."""


@cache
def _open(url: str) -> Any:
    if url.startswith("file://"):
        folder = Path(unquote(urlparse(url).path))
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(folder)
    return from_url(url)  # keys and region come from the usual AWS_ variables


def key_of(sha256: str) -> str:
    """Where bytes lie that are kept under their own hash."""
    return f"{sha256[:2]}/{sha256}"


def put(url: str, key: str, data: bytes) -> None:
    """Store `data` under `key`. The same bytes under the same key twice are one file. Raises StoreAway."""
    try:
        obstore.put(_open(url), key, data)
    except (BaseError, OSError) as away:
        raise StoreAway(str(away)) from away


def get(url: str, key: str) -> bytes:
    """What was stored under `key`. Raises FileNotFoundError."""
    return bytes(obstore.get(_open(url), key).bytes())


def drop(url: str, key: str) -> None:
    """Forget what was stored under `key`; what is not there is forgotten already. Raises StoreAway."""
    try:
        obstore.delete(_open(url), key)
    except FileNotFoundError:
        return
    except (BaseError, OSError) as away:
        raise StoreAway(str(away)) from away
