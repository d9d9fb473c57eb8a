"""DOOR 2: signed-in staff, behind one gate. Nothing here knows the public pages."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the back office."""
