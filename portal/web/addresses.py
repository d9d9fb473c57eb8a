"""Addresses are worked out once, and where a single part of them changes that part is put in: the three dozen on a page
cost as much as its query.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from flask import url_for as work_out
from flask.globals import request_ctx
from werkzeug.routing import BuildError

PLACE = "0-place-0"
LONGEST = 64
_PLAIN = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
"""What stands in an address as it is, and is no address of its own."""


class Addresses:
    """`url_for` that remembers: views without parameters, static files, and the rest of those with one plain word."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str, str], str] = {}
        self.around: dict[tuple[str, str, str], tuple[str, str] | None] = {}
        self.worked_out = lru_cache(maxsize=2000)(_work_out)

    def __call__(self, endpoint: str, **values: Any) -> str:
        """The address of a view, as Flask's own function says it."""
        try:
            adapter = request_ctx.url_adapter
        except RuntimeError:  # no request: a job or a command
            adapter = None
        if adapter is None or endpoint.startswith("."):
            return work_out(endpoint, **values)
        if not values or endpoint == "static":
            key = (adapter.script_name, endpoint, values.get("filename", ""))
            address = self.known.get(key)
            if address is None:
                address = self.known[key] = work_out(endpoint, **values)
            return address
        name, value = next(iter(values.items()))
        if len(values) == 1 and type(value) is str and name[0] != "_" and _PLAIN.fullmatch(value):
            key = (adapter.script_name, endpoint, name)
            if key not in self.around:
                self.around[key] = _around(endpoint, name)
            around = self.around[key]
            if around is not None:
                return f"{around[0]}{value}{around[1]}"
        if all(type(said) is str and name[0] != "_" and len(said) <= LONGEST for name, said in values.items()):
            return self.worked_out(adapter.script_name, endpoint, tuple(values.items()))
        return work_out(endpoint, **values)


def _work_out(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return work_out(endpoint, **dict(values))


def _around(endpoint: str, name: str) -> tuple[str, str] | None:
    """What stands before and behind the part that changes; None where only certain words may stand there."""
    try:
        made = work_out(endpoint, **{name: PLACE})  # type: ignore[arg-type]
    except (ValueError, TypeError, BuildError):
        return None
    before, _, after = made.partition(PLACE)
    return before, after


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
