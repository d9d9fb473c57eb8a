"""Reads every HTML answer a test fetches, and complains about what a person or a screen reader would stumble over."""

from __future__ import annotations

import contextvars
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.extensions import db

UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}


class PageFault(AssertionError):
    """A page is not fit to be shown; the message lists everything found."""


class CheckedClient(FlaskClient):
    """Flask's test client, with every page checked.

    What the test has built is committed before the request, and the request runs in a context of its own, as in
    production: it sees only what is stored, and the test then sees what the request stored. (`with client:` is
    therefore of no use.)
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request as Flask's client does. Raises PageFault if the answer is a faulty page."""
        if has_app_context():
            db.session.commit()
        kwargs["buffered"] = True
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        request = response.request
        shown = request.method != "HEAD" and response.status_code != 204 and response.status_code // 100 != 3
        if shown and response.mimetype == "text/html":
            check_page(response.get_data(as_text=True), fragment_allowed=request.headers.get("HX-Request") == "true")
        return response


def check_page(html: str, *, fragment_allowed: bool = False) -> None:
    """Raise PageFault unless `html` is a sound page, or, where allowed, a sound fragment of one."""
    whole = html.lstrip()[:9].lower() == "<!doctype"
    faults = list(_faults(html, whole=whole)) if whole or fragment_allowed else ["it is not a whole page"]
    if faults:
        raise PageFault("the page has faults:\n- " + "\n- ".join(faults))


def _faults(html: str, *, whole: bool) -> Iterator[str]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    if whole:
        root = parser.parse(html)
    else:
        rows = html.lstrip()[:3].lower() == "<tr"
        root = parser.parseFragment(html, container="tbody" if rows else "div")
    lines = html.splitlines()
    for (line, _column), code, details in parser.errors:
        yield f"{code} {dict(details)} near: {lines[line - 1].strip()[:120] if line <= len(lines) else ''}"

    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    ids = Counter(element.get("id") for element in elements if element.get("id") is not None)
    yield from (f"the id {name!r} stands there {count} times" for name, count in ids.items() if count > 1)
    yield from (f"an id is empty or has a blank in it: {name!r}" for name in ids if not name or " " in name)
    if whole:
        yield from _page_faults(root, elements, set(ids))
    yield from _unlabelled(elements)
    yield from _blocked(elements)


def _page_faults(root: Element, elements: list[Element], ids: set[str | None]) -> Iterator[str]:
    """What only a whole page can be asked: language, title, and that references lead somewhere."""
    if root.get("lang") != "zh-CN":
        yield f"<html lang={root.get('lang')!r}> is not zh-CN"
    if not (root.findtext("head/title") or "").strip():
        yield "the page has no title"
    for element in elements:
        for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"<{element.tag} {attribute}={name!r}> leads nowhere"
        target = element.get("href") or ""
        if element.tag == "a" and target.startswith("#") and target[1:] and target[1:] not in ids:
            yield f"<a href={target!r}> leads nowhere"


def _unlabelled(elements: list[Element]) -> Iterator[str]:
    labelled_ids = {element.get("for") for element in elements if element.tag == "label"}
    inside_labels = {id(part) for element in elements if element.tag == "label" for part in element.iter()}
    for element in elements:
        named = bool((element.get("aria-label") or element.get("aria-labelledby") or "").strip())
        name = element.get("name") or element.get("id") or "".join(element.itertext()).strip()
        if element.tag in {"input", "select", "textarea"} and element.get("type") not in UNLABELLED_TYPES:
            if not (named or id(element) in inside_labels or element.get("id") in labelled_ids - {None}):
                yield f"<{element.tag}> {name!r} has no label"
        elif element.tag == "button" or (element.tag == "a" and element.get("href") is not None):
            pictured = any(part.get("alt") or part.get("aria-label") for part in element.iter())
            if not (named or element.get("title") or pictured or "".join(element.itertext()).strip()):
                yield f"<{element.tag}> says nothing to a screen reader: {dict(element.attrib)}"
        elif element.tag == "img" and element.get("alt") is None:
            yield f"<img src={element.get('src')!r}> has no alt text"


def _blocked(elements: list[Element]) -> Iterator[str]:
    """What our own content security policy would block: scripts and styles in the page, anything from elsewhere."""
    for element in elements:
        if element.tag == "style" or element.get("style") is not None:
            yield f"<{element.tag}> carries style of its own"
        yield from (
            f"<{element.tag} {name}> is a script in the page" for name in element.attrib if name.startswith("on")
        )
        if element.tag == "script" and element.get("src") is None and element.get("type") in {None, "", "module"}:
            yield "<script> is written into the page"
        address = element.get("href" if element.tag == "link" else "src") or ""
        if urlsplit(address).netloc and (element.tag != "link" or "canonical" not in (element.get("rel") or "")):
            yield f"<{element.tag}> loads {address} from elsewhere"
