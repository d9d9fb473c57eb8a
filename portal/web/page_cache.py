"""Rendered bytes of anonymous pages, kept for seconds in front of the application.

Only pages that a view marked with `pages.kept_for` are kept. A hit costs one dictionary lookup: no session, no
routing, no database. Any POST empties this process's store, so that who changed something sees it; other processes
follow within the seconds.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask

MOST_PAGES = 500
LARGEST_PAGE = 512 * 1024
SMALLEST_TO_COMPRESS = 1024
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """One page: until when, and its answers plain, compressed and not modified."""

    until: float
    etag: str
    status: str
    headers: Headers
    body: bytes
    zipped_headers: Headers
    zipped: bytes
    unchanged_headers: Headers


class PageCache:
    """WSGI middleware; `seconds` is how long a page is kept."""

    def __init__(self, inner: Any, seconds: float) -> None:
        self.inner = inner
        self.seconds = seconds
        self.pages: OrderedDict[tuple[str, str, bool], Kept] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            self.pages.clear()
            return self.inner(environ, start_response)
        key = (
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            "HTTP_HX_REQUEST" in environ
            and "HTTP_HX_BOOSTED" not in environ
            and "HTTP_HX_HISTORY_RESTORE_REQUEST" not in environ,  # as pages.page decides: a part or a whole
        )
        kept = self.pages.get(key)
        if kept is not None and kept.until > time.monotonic():
            return _answer(kept, environ, start_response)
        return self._ask(key, environ, start_response)

    def _ask(self, key: tuple[str, str, bool], environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let the application answer, and keep what it allows to be kept."""
        said: list[Any] = []

        def listen(status: str, headers: Headers, exc_info: Any = None) -> Any:
            said[:] = [status, headers]
            if not environ.get("portal.keep") or not status.startswith("200"):
                return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)
            return None

        condition = environ.pop("HTTP_IF_NONE_MATCH", None)  # we answer it ourselves, from the whole page
        method, environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"], "GET"
        if method == "HEAD":
            environ["portal.head"] = True
        result = self.inner(environ, listen)
        status, headers = said
        if not environ.get("portal.keep") or not status.startswith("200"):
            return _without_body(result) if method == "HEAD" else result
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        kept = _keep(status, headers, body, time.monotonic() + self.seconds)
        if len(body) <= LARGEST_PAGE and self.seconds:
            with self.lock:
                self.pages[key] = kept
                self.pages.move_to_end(key)
                while len(self.pages) > MOST_PAGES:
                    self.pages.popitem(last=False)
        environ["REQUEST_METHOD"] = method
        if condition is not None:
            environ["HTTP_IF_NONE_MATCH"] = condition
        return _answer(kept, environ, start_response)


def init_app(app: Flask) -> None:
    """Put the store in front of the application."""
    app.wsgi_app = PageCache(app.wsgi_app, app.config["PORTAL"].page_cache_seconds)  # type: ignore[method-assign]


def _keep(status: str, headers: Headers, body: bytes, until: float) -> Kept:
    # the page is everybody's: whoever's session the libraries looked into meanwhile leaves no trace in it
    bare = [(name, value) for name, value in headers if name.lower() not in ("content-length", "vary", "set-cookie")]
    said = ", ".join(value for name, value in headers if name.lower() == "vary").split(", ")
    bare.append(("Vary", ", ".join([name for name in said if name not in ("", "Cookie")] + ["Accept-Encoding"])))
    etag = next((value for name, value in headers if name.lower() == "etag"), "")
    zipped = gzip.compress(body, 1, mtime=0) if len(body) >= SMALLEST_TO_COMPRESS else b""
    return Kept(
        until=until,
        etag=etag,
        status=status,
        headers=[*bare, ("Content-Length", str(len(body)))],
        body=body,
        zipped_headers=[*bare, ("Content-Encoding", "gzip"), ("Content-Length", str(len(zipped)))],
        zipped=zipped,
        unchanged_headers=[pair for pair in bare if pair[0].lower() != "content-type"],
    )


def _answer(kept: Kept, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    condition = environ.get("HTTP_IF_NONE_MATCH")
    if condition is not None and kept.etag and (kept.etag in condition or condition.strip() == "*"):
        start_response("304 NOT MODIFIED", kept.unchanged_headers)
        return (b"",)
    if kept.zipped and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        start_response(kept.status, kept.zipped_headers)
        body = kept.zipped
    else:
        start_response(kept.status, kept.headers)
        body = kept.body
    return (b"",) if environ["REQUEST_METHOD"] == "HEAD" else (body,)


def _without_body(result: Any) -> Iterable[bytes]:
    if hasattr(result, "close"):
        result.close()
    return (b"",)
