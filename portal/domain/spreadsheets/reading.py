"""Read rows out of XLSX and CSV files that anybody may have sent (rule S8).

A file is judged before it is opened: kind, size, unpacked size, declared entities. Rows are streamed one by one.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from portal.domain.cleaning import shown
from portal.domain.spreadsheets.layout import heading


class SpreadsheetError(Exception):
    """The file as a whole cannot be used. The message is Chinese and fit to show."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold: bytes as sent and unpacked, rows under the heading, columns, characters in a cell."""

    size: int = 60 * 2**20
    unpacked: int = 1500 * 2**20
    shared_text: int = 100 * 2**20
    rows: int = 1_000_000
    columns: int = 200
    cell: int = 5_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as Excel shows it, and what stood under each heading. Empty cells are left out."""

    number: int
    values: Mapping[str, object] = field(default_factory=dict)


DEFAULT_LIMITS = Limits()
_EXCEL_ROWS = 1_048_576
_HEADER_WITHIN = 20
_OLE = b"\xd0\xcf\x11\xe0"
# What real writers put before the first element; a document type there could declare entities that explode.
_HARMLESS_XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<!--.{0,2000}?-->\s*)*<[A-Za-z]", re.DOTALL
)
_MERGED = re.compile(rb'<(?:\w{1,8}:)?mergeCell\s[^>]{0,100}?ref="([A-Z0-9:]{2,20})"')
_UNCOMPUTED = re.compile(
    rb"<(?:\w{1,8}:)?c\s([^>]{0,200})>"
    rb"<(?:\w{1,8}:)?f(?:\s[^>]{0,200})?(?:/>|>[^<]{0,8192}</(?:\w{1,8}:)?f>)"
    rb"(?:<(?:\w{1,8}:)?v\s{0,3}/>|<(?:\w{1,8}:)?v></(?:\w{1,8}:)?v>)?</(?:\w{1,8}:)?c>"
)


def read_rows(filename: str, content: bytes, limits: Limits = DEFAULT_LIMITS) -> Iterator[SheetRow]:
    """The rows under the heading, streamed, empty ones skipped.

    XLSX: the first sheet, formulas by their stored results. CSV: UTF-8 or GB 18030. The heading is the first row with
    two filled cells. Raises SpreadsheetError, at once for a bad file, while iterating for a limit passed further
    down.
    """
    kind = _kind(filename, content, limits)
    return _rows(_xlsx(content, limits) if kind == "xlsx" else _csv(content), limits)


def _kind(filename: str, content: bytes, limits: Limits) -> str:
    extension = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    if extension not in ("xlsx", "csv"):
        raise SpreadsheetError("只能导入 .xlsx 或 .csv 文件，请另存为其中一种格式后重新上传")
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise SpreadsheetError("文件是空的")
    if len(content) > limits.size:
        raise SpreadsheetError(f"文件超过{limits.size // 2**20}兆字节的上限，请拆分后分批导入")
    if content.startswith(_OLE):
        raise SpreadsheetError("文件已加密，或是旧版 .xls 格式，请去除密码并另存为 .xlsx 后重新上传")
    is_zip = content.startswith(b"PK")
    if is_zip != (extension == "xlsx"):
        raise SpreadsheetError(f"文件内容与扩展名 .{extension} 不符，请用电子表格软件重新另存")
    return extension


def _xlsx(content: bytes, limits: Limits) -> Iterator[tuple[int, list[object]]]:
    try:
        sheet_part = _inspect(content, limits)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = workbook.worksheets
    except SpreadsheetError:
        raise
    except Exception as broken:  # openpyxl lets through whatever its parsers raise
        raise SpreadsheetError("文件已损坏或不是有效的 .xlsx 工作簿，请用电子表格软件重新另存") from broken
    if not sheets:
        raise SpreadsheetError("工作簿中没有工作表")
    sheet: Any = sheets[0]
    merged, uncomputed = _oddities(content, getattr(sheet, "_worksheet_path", sheet_part))
    sheet.reset_dimensions()  # the declared size may be a lie a million columns wide

    def stream() -> Iterator[tuple[int, list[object]]]:
        try:
            started = False
            for number, cells in enumerate(sheet.iter_rows(max_row=_EXCEL_ROWS, values_only=True), start=1):
                if not started and _filled(cells) >= 2:
                    started = True
                    _refuse_oddities(number, merged, uncomputed)
                yield number, list(cells)
        except SpreadsheetError:
            raise
        except Exception as broken:
            raise SpreadsheetError("工作表内容已损坏，无法继续读取，请用电子表格软件重新另存") from broken
        finally:
            workbook.close()

    return stream()


def _inspect(content: bytes, limits: Limits) -> str:
    """Look into the package without unpacking it; the path of the first sheet in the usual place."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entries = package.infolist()
        if len(entries) > 2000 or sum(entry.file_size for entry in entries) > limits.unpacked:
            raise SpreadsheetError("文件解压后过大，已拒绝读取，请拆分后分批导入")
        for entry in entries:
            if entry.flag_bits & 1:
                raise SpreadsheetError("文件已加密，请去除密码后重新上传")
            if "sheet" not in entry.filename and entry.file_size > limits.shared_text:
                raise SpreadsheetError("文件中的文字过多，已拒绝读取，请拆分后分批导入")
            # A spreadsheet shrinks thirty- to sixtyfold at most; a bomb shrinks a thousandfold.
            if entry.file_size > 20 * 2**20 and entry.file_size > 250 * max(entry.compress_size, 1):
                raise SpreadsheetError("文件压缩比异常，已拒绝读取")
            if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                with package.open(entry) as part:
                    if not _HARMLESS_XML.match(part.read(65_536)):
                        raise SpreadsheetError("文件中含有不安全的内容，已拒绝读取，请用电子表格软件重新另存")
        names = [entry.filename for entry in entries]
    if "xl/workbook.xml" not in names:
        raise SpreadsheetError("这不是 Excel 工作簿，请用电子表格软件另存为 .xlsx")
    return next((name for name in names if name.startswith("xl/worksheets/")), "")


def _oddities(content: bytes, part_name: str) -> tuple[list[str], list[str]]:
    """Ranges of merged cells and cells whose formula has no stored result: streaming would show both as empty."""
    merged: list[str] = []
    uncomputed: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as package, package.open(part_name.lstrip("/")) as part:
        tail = b""
        while chunk := part.read(2**20):
            window = tail + chunk
            if len(merged) < 1000 and b"mergeCell" in window:
                merged += [match[1].decode() for match in _MERGED.finditer(window)]
            if len(uncomputed) < 1000 and b"f>" in window:
                uncomputed += [_cell_name(match[1]) for match in _UNCOMPUTED.finditer(window)]
            tail = window[window.rfind(b"<c ", -16_384) :] if b"<c " in window[-16_384:] else window[-256:]
    return list(dict.fromkeys(merged)), list(dict.fromkeys(uncomputed))


def _cell_name(attributes: bytes) -> str:
    name = re.search(rb'r="([A-Z]+\d+)"', attributes)
    return name[1].decode() if name else "?"


def _refuse_oddities(header_row: int, merged: list[str], uncomputed: list[str]) -> None:
    """A merged title above the heading is fine; merged cells in or below it hide which row a value belongs to."""
    below = [cells for cells in merged if (range_boundaries(cells)[3] or 0) >= header_row]
    if below:
        raise SpreadsheetError(f"单元格{'、'.join(below[:5])}等是合并单元格，请取消合并并逐行填写后重新上传")
    if uncomputed:
        raise SpreadsheetError(
            f"单元格{'、'.join(uncomputed[:5])}等的公式没有计算结果，请用 Excel 打开并保存后重新上传"
        )


def _csv(content: bytes) -> Iterator[tuple[int, list[object]]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SpreadsheetError("文件是 UTF-16 编码，请另存为“CSV UTF-8（逗号分隔）”后重新上传")
    encoding = next((name for name in ("utf-8-sig", "gb18030") if _decodes(content, name)), None)
    if encoding is None:
        raise SpreadsheetError("无法识别文件的文字编码，请另存为“CSV UTF-8（逗号分隔）”后重新上传")
    lines = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    return _records(csv.reader(lines, strict=True))


def _records(reader: Iterable[list[str]]) -> Iterator[tuple[int, list[object]]]:
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(cells)
    except csv.Error as broken:
        raise SpreadsheetError(f"第{number + 1}行的引号或内容有误，无法继续读取，请用电子表格软件重新另存") from broken


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _rows(cells_by_row: Iterator[tuple[int, list[object]]], limits: Limits) -> Iterator[SheetRow]:
    """Find the heading now, so that a bad file fails at once; hand out the rest as it is asked for."""
    labels: list[str] = []
    for number, cells in cells_by_row:
        _within(number, cells, limits)
        if _filled(cells) >= 2:
            labels = [heading(cell) for cell in cells]
            break
        if number >= _HEADER_WITHIN:
            break
    if not labels:
        raise SpreadsheetError("没有找到表头，请使用本平台的模板，表头应在前20行内")
    if len(labels) < 3 and any("\t" in label or ";" in label for label in labels):
        raise SpreadsheetError("列与列之间请用逗号分隔，建议另存为 .xlsx 后重新上传")
    doubled = sorted({label for label in labels if label and labels.count(label) > 1})
    if doubled:
        raise SpreadsheetError(f"表头“{'”“'.join(doubled[:5])}”重复出现，请只保留一列")
    return _under(labels, cells_by_row, limits)


def _under(labels: list[str], cells_by_row: Iterator[tuple[int, list[object]]], limits: Limits) -> Iterator[SheetRow]:
    count = 0
    for number, cells in cells_by_row:
        if not _filled(cells):
            continue
        count += 1
        if count > limits.rows:
            raise SpreadsheetError(f"数据超过{limits.rows}行的上限，请拆分后分批导入")
        _within(number, cells, limits)
        values = {}
        for index, cell in enumerate(cells):
            if not _blank(cell):
                label = labels[index] if index < len(labels) else ""
                values[label or f"第{index + 1}列"] = cell
        yield SheetRow(number, values)


def _within(number: int, cells: Iterable[object], limits: Limits) -> None:
    for index, cell in enumerate(cells):
        if index >= limits.columns and not _blank(cell):
            raise SpreadsheetError(f"第{number}行超过{limits.columns}列的上限")
        if isinstance(cell, str) and len(cell) > limits.cell:
            raise SpreadsheetError(f"第{number}行第{index + 1}列的内容超过{limits.cell}个字，开头是“{shown(cell, 20)}”")


def _filled(cells: Iterable[object]) -> int:
    return sum(not _blank(cell) for cell in cells)


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
