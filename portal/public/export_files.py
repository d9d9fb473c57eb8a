"""A table as a file: CSV or XLSX, bounded, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import date
from threading import BoundedSemaphore
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal import clock
from portal.domain.errors import RuleViolation
from portal.web.bad_input import readable

MOST_ROWS = 10_000
"""Of one file; who needs more narrows the list, or reads the interface page by page."""
AT_ONCE = 2
"""Files made by one process at the same time: with MOST_ROWS this bounds what exports take of its memory."""
TOO_MANY = f"（只导出了前{MOST_ROWS}行，请缩小条件后分次导出）"
MIMETYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
WIDE = {"标题": 60, "网址": 60, "项目名称": 40, "理由": 60, "内容指纹": 24}
Cell = str | int | date
Cells = list[Cell]
# what makes a spreadsheet take a text for a formula, also in full width
_FORMULA = tuple("=+-@＝＋－＠")
_turns = BoundedSemaphore(AT_ONCE)


class Busy(RuleViolation):
    """Others are being served; later it will be fine."""

    status = 503


def answer(form: str, name: str, head: tuple[str, ...], rows: Iterable[Cells]) -> Response:
    """The rows below their headings as a file to be saved. form: csv or xlsx. Raises Busy.

    Its tag stands for the rows: a workbook also holds the time at which it was made.
    """
    if not _turns.acquire(blocking=False):
        raise Busy("正在导出的人较多，请稍候一分钟再试。")
    try:
        digest = hashlib.blake2b(repr((form, head)).encode(), digest_size=16)
        bounded = _noted(_bounded(rows, len(head)), digest)
        body = _workbook(name, head, bounded) if form == "xlsx" else _lines(head, bounded)
    finally:
        _turns.release()
    response = Response(body, mimetype=MIMETYPES[form])
    response.headers["ETag"] = f'W/"{digest.hexdigest()}"'
    file = f"{name}{clock.today():%Y%m%d}.{form}"
    response.headers["Content-Disposition"] = f"attachment; filename=export.{form}; filename*=UTF-8''{quote(file)}"
    return response


def harmless(value: Cell) -> Cell:
    """The value so that no spreadsheet takes it for a formula, and every one can read it."""
    if not isinstance(value, str):
        return value
    text = readable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text[:1] in ("\t", "\r", "\n") else text


def _bounded(rows: Iterable[Cells], width: int) -> Iterator[Cells]:
    """At most MOST_ROWS, and then a line that says there are more: nobody shall take a part for the whole."""
    for count, row in enumerate(rows):
        if count == MOST_ROWS:
            yield [TOO_MANY, *[""] * (width - 1)]
            return
        yield [harmless(cell) for cell in row]


def _noted(rows: Iterable[Cells], digest: hashlib.blake2b) -> Iterator[Cells]:
    for row in rows:
        digest.update(repr(row).encode())
        yield row


def _lines(head: tuple[str, ...], rows: Iterable[Cells]) -> bytes:
    """CSV in UTF-8 with the mark by which spreadsheets recognise it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _workbook(name: str, head: tuple[str, ...], rows: Iterable[Cells]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDE.get(heading, max(14, 2 * len(heading) + 2))
    headings = [WriteOnlyCell(sheet, heading) for heading in head]
    for cell in headings:
        cell.font = Font(bold=True)
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
