"""What the doors share, and nothing about cases: pages, access, errors, filters, navigation, headers, paging,
uploads.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.web import access, addresses, bad_input, errors, filters, headers, navigation, page_cache, static_files


def init_app(app: Flask) -> None:
    """Hang what the doors share onto the application."""
    proxies = app.config["PORTAL"].trusted_proxies
    if proxies:  # the visitor's address and scheme are what our own proxies say they are
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
    for part in (access, addresses, bad_input, headers, errors, filters, navigation, static_files, page_cache):
        part.init_app(app)
