"""Reads a page as a person does: its words without the markup."""

from __future__ import annotations

import re


def words(html: str) -> str:
    """The text of a page, blanks squeezed; none between a text and the mark-up inside its line."""
    inline = re.sub(r"</?(?:time|span|strong|b|s|mark|a|wbr)\b[^>]*>", "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inline))
