"""What the doors share, and nothing about cases: pages, access, errors, filters, navigation, headers, paging,
uploads.
"""

from __future__ import annotations

from flask import Flask

from portal.web import access, addresses, bad_input, errors, filters, headers, navigation, page_cache, static_files


def init_app(app: Flask) -> None:
    """Hang what the doors share onto the application."""
    for part in (access, addresses, bad_input, headers, errors, filters, navigation, static_files, page_cache):
        part.init_app(app)
