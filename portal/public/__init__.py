"""DOOR 1: anyone. Nothing here knows the back office."""

from __future__ import annotations

from flask import Blueprint, Flask, url_for


def init_app(app: Flask) -> None:
    """Register the public pages."""
    from portal.public import demo, filings, home, notices, progress

    side = Blueprint("public", __name__)
    side.context_processor(lambda: {"search_url": url_for("public.notices.index")})
    for door in (home, notices, filings, progress):
        side.register_blueprint(door.bp)
    if app.config["PORTAL"].demo:
        side.register_blueprint(demo.bp)
    app.register_blueprint(side)
