"""Addresses of our own style sheets and scripts carry a part of their hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask


def init_app(app: Flask) -> None:
    """Hash every static file once, at the start."""
    root = Path(app.static_folder or "")
    versions = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in root.rglob("*")
        if path.is_file()
    }

    @app.url_defaults
    def _versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values["v"] = versions[values["filename"]]
