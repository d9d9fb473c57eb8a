"""Files that anybody may have sent: read safely, or refused in a sentence (rule S8)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.domain.spreadsheets import Limits, SheetRow, SpreadsheetError, read_rows

pytestmark = pytest.mark.rule("S8")


def book(rows: Sequence[Sequence[Any]], **merges: str) -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cells in merges.values():
        sheet.merge_cells(cells)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def refusal(filename: str, content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(SpreadsheetError) as refused:
        list(read_rows(filename, content, limits or Limits()))
    return refused.value.message


@pytest.mark.parametrize(
    ("filename", "content", "says"),
    [
        ("a.pdf", b"x", ".xlsx 或 .csv"),
        ("noextension", b"x", ".xlsx 或 .csv"),
        ("a.csv", b"", "空的"),
        ("a.csv", b"\xef\xbb\xbf\r\n \r\n", "空的"),
        ("a.xlsx", b"not a zip", "扩展名"),
        ("a.csv", b"PK\x03\x04rest", "扩展名"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "加密"),
        ("a.xlsx", b"PK\x03\x04 broken", "损坏"),
        ("a.csv", "甲,乙".encode("utf-16"), "UTF-16"),
        ("a.csv", b"\xff\xff\xff\x80,\x80", "编码"),
        ("a.csv", "只有一列\n1\n2".encode(), "表头"),
        ("a.csv", "甲,乙,甲\n1,2,3".encode(), "重复"),
        ("a.csv", "甲;乙;丙,丁\n1;2;3,4".encode(), "逗号"),
        ("a.csv", '甲,乙\n1,"没有收尾'.encode(), "引号"),
        ("a.csv", ("甲,乙\n1," + "长" * 6000).encode(), "5000个字"),
        ("a.csv", ("甲,乙\n" + "1," * 300 + "1").encode(), "200列"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(filename: str, content: bytes, says: str) -> None:
    assert says in refusal(filename, content)


def test_too_many_rows_or_bytes_are_refused() -> None:
    content = b"a,b\n" + b"1,2\n" * 11
    assert "10行" in refusal("a.csv", content, Limits(rows=10))
    assert "上限" in refusal("a.csv", content, Limits(size=10))
    assert "10行" in refusal("a.xlsx", book([["a", "b"]] + [[1, 2]] * 11), Limits(rows=10))


def test_a_zip_bomb_and_a_workbook_with_entities_are_refused_unread() -> None:
    good = book([["项目编号", "环节"], ["1", "合同"]])

    def rewritten(change: Any) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                new.writestr(entry.filename, change(entry.filename, old.read(entry)))
        return out.getvalue()

    def entities(name: str, content: bytes) -> bytes:
        start = content.index(b"<", 1) if content.startswith(b"<?xml") else 0
        bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        return content[:start] + bomb + content[start:] if "sheet1" in name else content

    bomb = rewritten(lambda name, content: content + b" " * 30 * 2**20 if "sheet1" in name else content)
    assert "压缩比" in refusal("a.xlsx", bomb)
    assert "过大" in refusal("a.xlsx", bomb, Limits(unpacked=2**20))
    assert "不安全" in refusal("a.xlsx", rewritten(entities))
    plain_zip = io.BytesIO()
    with zipfile.ZipFile(plain_zip, "w") as package:
        package.writestr("readme.txt", "x")
    assert "不是 Excel 工作簿" in refusal("a.xlsx", plain_zip.getvalue())


def test_merged_data_cells_are_refused_and_a_merged_title_is_not() -> None:
    rows: list[list[Any]] = [["湖南省批量收件表", None], ["项目编号*", "合同金额（万元）"], ["1", 2], [None, 3]]
    assert "A3:A4" in refusal("a.xlsx", book(rows, data="A3:A4"))
    read = list(read_rows("a.xlsx", book(rows, title="A1:B1")))
    assert read == [SheetRow(3, {"项目编号": "1", "合同金额": 2}), SheetRow(4, {"合同金额": 3})]


def test_a_formula_is_read_by_its_result_and_refused_where_it_has_none() -> None:
    content = book([["项目编号", "合同金额"], ["1", "=1+1"]])
    assert "B2" in refusal("a.xlsx", content)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            sheet = (
                old.read(entry)
                .replace(b"<v></v>", b"<v>2</v>")
                .replace(b"<v />", b"<v>2</v>")
                .replace(b"<v/>", b"<v>2</v>")
            )
            new.writestr(entry.filename, sheet)
    assert list(read_rows("a.xlsx", out.getvalue())) == [SheetRow(2, {"项目编号": "1", "合同金额": 2})]


def test_csv_is_read_in_the_encodings_offices_use_and_rows_keep_their_numbers() -> None:
    text = "项目编号,项目名称\n1,甲\n\n2,镕㎡\n,\n3,丙,多出的\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        rows = list(read_rows("表.CSV", text.encode(encoding)))
        assert [row.number for row in rows] == [2, 4, 6]
        assert rows[1].values == {"项目编号": "2", "项目名称": "镕㎡"}
        assert rows[2].values["第3列"] == "多出的"


def test_a_long_file_is_streamed_and_bad_rows_late_in_it_do_not_cost_the_good_ones() -> None:
    content = b"a,b\n" + b"1,2\n" * 200_000
    rows: Iterator[SheetRow] = read_rows("a.csv", content)
    assert next(rows).number == 2
    assert sum(1 for _ in rows) == 199_999


@given(st.binary(max_size=400))
def test_reading_arbitrary_bytes_gives_rows_or_one_clear_refusal(content: bytes) -> None:
    for filename in ("a.csv", "a.xlsx"):
        with suppress(SpreadsheetError):
            list(read_rows(filename, content))
