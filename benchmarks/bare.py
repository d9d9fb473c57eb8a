"""The empty Flask view all speeds are compared with."""

from __future__ import annotations

from flask import Flask


def create_app() -> Flask:
    """An application that answers nothing, with nothing in between."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "")
    return app
