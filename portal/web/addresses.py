"""Addresses without a changing part are worked out once: the dozen on a page cost as much as its query."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request
from flask import url_for as work_out


def init_app(app: Flask) -> None:
    """Let the templates use the quick way."""
    app.extensions["addresses"] = {}
    app.jinja_env.globals["url_for"] = url_for


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's own function, which remembers what can only have one answer: a view without parameters, a static file."""
    if endpoint.startswith(".") or not request or (values and (endpoint != "static" or len(values) > 1)):
        return work_out(endpoint, **values)
    known: dict[tuple[str, str, str], str] = current_app.extensions["addresses"]
    key = (request.root_path, endpoint, values.get("filename", ""))
    address = known.get(key)
    if address is None:
        address = known[key] = work_out(endpoint, **values)
    return address
