"""Reads what an export sends, as a spreadsheet does."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask.testing import FlaskClient
from openpyxl import load_workbook

FORMS = ("csv", "xlsx")
Rows = list[dict[str, Any]]


def rows(client: FlaskClient, path: str, form: str = "csv", **query: str) -> Rows:
    """The rows of an export by their headings, as a spreadsheet reads them."""
    answer = client.get(f"/exports/{path}.{form}", query_string=query)
    assert answer.status_code == 200, answer.text
    assert "Set-Cookie" not in answer.headers
    assert f"attachment; filename=export.{form}; filename*=UTF-8''" in answer.headers["Content-Disposition"]
    return read(answer.data, form)


def read(data: bytes, form: str) -> Rows:
    if form == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert sheet.freeze_panes == "A2"
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    head, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), line, strict=True)) for line in lines]
