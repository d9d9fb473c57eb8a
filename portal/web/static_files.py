"""Our own style sheets and scripts: their addresses carry a part of their hash, so that browsers may keep them for
ever, and they are served compressed, from memory, in front of the application.
"""

from __future__ import annotations

import hashlib
import math
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask

from portal.web.headers import ALWAYS
from portal.web.page_cache import Kept, kept_answer

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
"""Where the address has no hash, or that of another version."""
Files = dict[tuple[str, str], Kept]


def init_app(app: Flask) -> None:
    """Read every static file once, at the start, and put its hash into its address."""
    versions, app.extensions["static_files"] = _read(*_there(Path(app.static_folder or "")))

    @app.url_defaults
    def _versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values["v"] = versions[values["filename"]]


def _there(root: Path) -> tuple[Path, tuple[tuple[str, int, int], ...]]:
    """The folder and what is in it: name, size and time of each file."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return root, tuple(
        (path.relative_to(root).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in files
    )


@lru_cache(maxsize=2)  # the tests make the application a thousand times
def _read(root: Path, there: tuple[tuple[str, int, int], ...]) -> tuple[dict[str, str], Files]:
    """Version of each file, and its answers by path and query of the address."""
    versions: dict[str, str] = {}
    answers: Files = {}
    for name, _size, _time in there:
        body = (root / name).read_bytes()
        version = versions[name] = hashlib.sha256(body).hexdigest()[:10]
        for query, keeps in ((f"v={version}", FOR_EVER), ("", FOR_A_WHILE)):
            headers = [
                ("Content-Type", _type_of(name)),
                ("ETag", f'"{version}"'),
                ("Cache-Control", keeps),
                *ALWAYS.items(),
            ]
            answers[f"/static/{name}", query] = kept_answer("200 OK", headers, body, math.inf, effort=9)
    return versions, answers


def _type_of(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("xml") else kind
