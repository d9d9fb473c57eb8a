"""Rendered bytes of anonymous pages, kept for seconds in front of the application.

Only pages that a view marked with `pages.kept_for` are kept. A hit costs one dictionary lookup: no session, no
routing, no database. Any POST empties this process's store, so that who changed something sees it; other processes
follow within the seconds. Static files are answered from here too.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask

MOST_PAGES = 500
LARGEST_PAGE = 512 * 1024
SMALLEST_TO_COMPRESS = 1024
PACKED = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""Kinds that are compressed by themselves: to try again takes long and saves nothing."""
Headers = list[tuple[str, str]]
Key = tuple[str, str, bool, str]
"""Path, query, whether htmx asks for a part, and the host where pages name it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One page: until when, and its answers plain, compressed and not modified."""

    until: float
    etag: str
    modified: str
    status: str
    headers: Headers
    body: bytes
    zipped_headers: Headers
    zipped: bytes
    unchanged_headers: Headers


class PageCache:
    """WSGI middleware; `seconds` is how long a page is kept.

    by_host: pages name the host they were asked from (no address of the site is set), so each host has its own: nobody
    can put his into what others are shown. files: answers by path and query that never change.
    """

    def __init__(
        self, inner: Any, seconds: float, *, by_host: bool = False, files: Mapping[tuple[str, str], Kept] | None = None
    ) -> None:
        self.inner = inner
        self.seconds = seconds
        self.by_host = by_host
        self.files = files or {}
        self.pages: OrderedDict[Key, Kept] = OrderedDict()
        self.lock = threading.Lock()
        self.changes = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            try:
                return self.inner(environ, start_response)
            finally:
                self._forget()  # now that the change is committed
        asks = environ.get
        key = (
            asks("PATH_INFO", ""),
            asks("QUERY_STRING", ""),
            asks("HTTP_HX_REQUEST") == "true"
            and asks("HTTP_HX_BOOSTED") != "true"
            and asks("HTTP_HX_HISTORY_RESTORE_REQUEST") != "true",  # as pages.page decides: a part or a whole
            asks("HTTP_HOST", "") if self.by_host else "",
        )
        kept = self.pages.get(key)
        if kept is not None and kept.until > time.monotonic():
            return _answer(kept, environ, start_response)
        file = self.files.get(key[:2]) or self.files.get((key[0], ""))
        if file is not None:
            return _answer(file, environ, start_response)
        return self._ask(key, environ, start_response)

    def _ask(self, key: Key, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let the application answer, and keep what it allows to be kept."""
        said: list[Any] = []
        changes = self.changes

        def listen(status: str, headers: Headers, exc_info: Any = None) -> Any:
            # a page that sets a cookie is somebody's own, whatever its view was marked as
            own = any(name.lower() == "set-cookie" for name, _ in headers)
            keeps = environ.get("portal.keep") and status.startswith("200") and not own
            said[:] = [status, headers, keeps]
            if keeps:
                return None
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        condition = environ.pop("HTTP_IF_NONE_MATCH", None)  # we answer it ourselves, from the whole page
        method, environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"], "GET"
        result = self.inner(environ, listen)
        status, headers, keeps = said
        if not keeps:
            return _without_body(result) if method == "HEAD" else result
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        kept = kept_answer(status, headers, body, time.monotonic() + self.seconds)
        if len(body) <= LARGEST_PAGE and self.seconds:
            self._remember(key, kept, changes)
        environ["REQUEST_METHOD"] = method
        if condition is not None:
            environ["HTTP_IF_NONE_MATCH"] = condition
        return _answer(kept, environ, start_response)

    def _remember(self, key: Key, kept: Kept, changes: int) -> None:
        with self.lock:
            if changes != self.changes:
                return  # made while something changed: it may show what was before
            self.pages[key] = kept
            self.pages.move_to_end(key)
            while len(self.pages) > MOST_PAGES:
                self.pages.popitem(last=False)

    def _forget(self) -> None:
        with self.lock:
            self.changes += 1
            self.pages.clear()


def init_app(app: Flask) -> None:
    """Put the store in front of the application."""
    settings, files = app.config["PORTAL"], app.extensions["static_files"]
    app.wsgi_app = PageCache(  # type: ignore[method-assign]
        app.wsgi_app, settings.page_cache_seconds, by_host=not settings.site_url, files=files
    )


def kept_answer(status: str, headers: Headers, body: bytes, until: float, *, effort: int = 1) -> Kept:
    """What is answered with this body: plain, compressed (effort: 1 quick to 9 small) and to who has it already."""
    # the page is everybody's: that a library looked for a session meanwhile leaves no trace in it
    bare = [(name, value) for name, value in headers if name.lower() not in ("content-length", "vary")]
    said = ", ".join(value for name, value in headers if name.lower() == "vary").split(", ")
    bare.append(("Vary", ", ".join([name for name in said if name not in ("", "Cookie")] + ["Accept-Encoding"])))
    said_once = {name.lower(): value for name, value in headers}
    worth_it = len(body) >= SMALLEST_TO_COMPRESS and said_once.get("content-type") not in PACKED
    zipped = gzip.compress(body, effort, mtime=0) if worth_it else b""
    etag = said_once.get("etag", "")
    if not etag:  # by what is shorter: it stands for the same
        etag = f'"{hashlib.blake2b(zipped or body, digest_size=16).hexdigest()}"'
        bare.append(("ETag", etag))
    zipped_tag = f'{etag[:-1]}-gzip"'  # other bytes, another tag
    return Kept(
        until=until,
        etag=etag,
        modified=said_once.get("last-modified", ""),
        status=status,
        headers=[*bare, ("Content-Length", str(len(body)))],
        body=body,
        zipped_headers=[
            *((name, zipped_tag if name.lower() == "etag" else value) for name, value in bare),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(zipped))),
        ],
        zipped=zipped,
        unchanged_headers=[pair for pair in bare if pair[0].lower() != "content-type"],
    )


def _answer(kept: Kept, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    condition = environ.get("HTTP_IF_NONE_MATCH")
    if condition is not None:
        unchanged = bool(kept.etag) and (kept.etag[:-1] in condition or condition.strip() == "*")
    else:  # a reader of feeds that knows no tags repeats the date as it was told it
        unchanged = bool(kept.modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == kept.modified
    if unchanged:
        start_response("304 NOT MODIFIED", kept.unchanged_headers)
        return (b"",)
    if kept.zipped and _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        start_response(kept.status, kept.zipped_headers)
        body = kept.zipped
    else:
        start_response(kept.status, kept.headers)
        body = kept.body
    return (b"",) if environ["REQUEST_METHOD"] == "HEAD" else (body,)


@lru_cache(maxsize=100)
def _takes_gzip(accepted: str) -> bool:
    """Whether a list of encodings such as "gzip, deflate;q=0.5, br;q=0" names gzip and does not refuse it."""
    for each in accepted.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "").removeprefix("q=").strip("0.") != "" or not weight
    return False


def _without_body(result: Any) -> Iterable[bytes]:
    if hasattr(result, "close"):
        result.close()
    return (b"",)
