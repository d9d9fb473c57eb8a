"""What no page can mean and no database can hold is refused at the door, once for all views."""

from __future__ import annotations

import re

from flask import Flask, request

from portal.domain.errors import RuleViolation

NUL = "\0"
# control characters (but tab and line ends), marks that turn the reading direction, code points that are no characters
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)


class Unreadable(RuleViolation):
    """The request cannot be read as what a person would write."""

    status = 400


def init_app(app: Flask) -> None:
    """Look at each request before its view does."""
    app.before_request(_refuse_nul)


def readable(text: str) -> str:
    """The text without characters nobody sees, which come along with what is pasted, or are meant to mislead."""
    return _UNREADABLE.sub("", text)


def _refuse_nul() -> None:
    """Refuse the NUL character, which PostgreSQL cannot store in text, in address, query and form."""
    said = [request.path]
    if b"%00" in request.query_string:
        said += [text for name, values in request.args.lists() for text in (name, *values)]
    if request.method == "POST" and request.url_rule is not None:
        said += [text for name, values in request.form.lists() for text in (name, *values)]
    if any(NUL in text for text in said):
        raise Unreadable("提交的内容里有无法识别的控制字符。请返回上一页，删去从其他软件粘贴来的异常字符后重新提交。")
