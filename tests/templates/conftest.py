"""Templates by themselves: rendered without a database, each result checked as a page or as a fragment of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from portal.config import ROOT
from portal.web import filters
from portal.web.light import FlatEnvironment
from tests.support.pages import check_page


@pytest.fixture
def bare_app() -> Flask:
    """Flask with our templates and filters and nothing else: what an error page has when all else fails."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_environment = FlatEnvironment
    app.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False)
    app.jinja_env.globals["csrf_token"] = lambda: "a token"
    filters.init_app(app)
    return app


@pytest.fixture
def shown(bare_app: Flask) -> Callable[..., Element]:
    """`shown("badge", "level_badge", "C")`: what a macro of a component gives, as a tree."""

    def _shown(component: str, macro: str, *args: Any, **named: Any) -> Element:
        with bare_app.test_request_context("/"):
            module = bare_app.jinja_env.get_template(f"components/{component}.html").module
            html = str(getattr(module, macro)(*args, **named)).strip()
        check_page(html, fragment_allowed=True)
        tree: Element = html5lib.parseFragment(html, namespaceHTMLElements=False)
        return tree

    return _shown


@pytest.fixture
def drawn(bare_app: Flask) -> Callable[..., Element]:
    """`drawn(source, **context)`: a whole page from the text of a template, as a tree."""

    def _drawn(source: str, **context: Any) -> Element:
        with bare_app.test_request_context("/"):
            html = bare_app.jinja_env.from_string(source).render(context).strip()
        check_page(html)
        tree: Element = html5lib.parse(html, namespaceHTMLElements=False)
        return tree

    return _drawn
