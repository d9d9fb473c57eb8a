"""Addresses without a changing part are worked out once: the dozen on a page cost as much as its query."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, has_request_context, request
from flask import url_for as work_out
from flask.globals import request_ctx


class Addresses:
    """`url_for` that remembers what can only have one answer: a view without parameters, a static file."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str, str], str] = {}

    def __call__(self, endpoint: str, **values: Any) -> str:
        """The address of a view, as Flask's own function says it."""
        adapter = request_ctx.url_adapter if has_request_context() else None
        one_answer = not values or (endpoint == "static" and len(values) == 1)
        if adapter is None or not one_answer or endpoint.startswith("."):
            return work_out(endpoint, **values)
        key = (adapter.script_name, endpoint, values.get("filename", ""))
        address = self.known.get(key)
        if address is None:
            address = self.known[key] = work_out(endpoint, **values)
        return address


def init_app(app: Flask) -> None:
    """Let the templates use it."""
    app.extensions["addresses"] = app.jinja_env.globals["url_for"] = Addresses()
    app.jinja_env.globals["absolute"] = absolute


def absolute(endpoint: str, **values: Any) -> str:
    """The whole address of a view, for what is read elsewhere: as the settings say where the portal is found.

    Only where they do not (a first try) as the visitor's request says, who may say anything.
    """
    return (current_app.config["PORTAL"].site_url or request.host_url.rstrip("/")) + url_for(endpoint, **values)


def url_for(endpoint: str, **values: Any) -> str:
    """The same for code."""
    addresses: Addresses = current_app.extensions["addresses"]
    return addresses(endpoint, **values)
