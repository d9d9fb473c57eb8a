"""What the doors share, and nothing about cases: pages, access, errors, filters, navigation, headers, paging,
uploads.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Hang the doors and what they share onto the application."""
    from portal import backoffice, public
    from portal.web import access, bad_input, errors, filters, headers, navigation, page_cache, static_files

    access.init_app(app)
    bad_input.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    static_files.init_app(app)
    public.init_app(app)
    backoffice.init_app(app)
    page_cache.init_app(app)
