"""Reads a page as a person does: its words without the markup."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import html5lib


def words(html: str) -> str:
    """The text of a page, blanks squeezed; none between a text and the mark-up inside its line."""
    inline = re.sub(r"</?(?:time|span|strong|b|s|mark|a|wbr)\b[^>]*>", "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inline))


def table(html: str, caption: str) -> dict[str, dict[str, str]]:
    """The table of this caption: by the head of each row, what stands under the head of each other column."""
    shown = _table(html, caption)
    columns = [_text(head) for head in shown.findall("./thead/tr/th")]
    rows = ([_text(cell) for cell in row] for row in shown.findall("./tbody/tr"))
    return {head: dict(zip(columns[1:], cells, strict=True)) for head, *cells in rows}


def without_role(html: str, caption: str) -> list[str]:
    """The pieces of the table of this caption that stop being a table to some screen readers, once it is laid out in
    blocks on a phone.
    """
    shown = _table(html, caption)
    return [
        str(each.tag)
        for each in shown.iter()
        if each.tag in ("table", "thead", "tbody", "tr", "th", "td") and not each.get("role")
    ]


def _table(html: str, caption: str) -> Element:
    tables = html5lib.parse(html, namespaceHTMLElements=False).iter("table")
    return next(each for each in tables if _text(each[0]) == caption)


def _text(element: Element) -> str:
    return "".join("".join(element.itertext()).split())
