"""Templates to fill in, and reports of what was wrong (rule S8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portal.domain.spreadsheets.layout import Column, Template, columns
from portal.domain.spreadsheets.rows import RowProblem

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FILLABLE_ROWS = 5000
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="FCE4D6"), PatternFill("solid", fgColor="DDEBF7")
_SEVERITIES = {"error": "错误", "warning": "提示"}


def neutral_cell(value: object) -> str:
    """Text that a spreadsheet will show and not run: an apostrophe goes before anything that could begin a formula."""
    text = "" if value is None else str(value).replace("\x00", "")
    return "'" + text if text.lstrip(" \u00a0\u3000").startswith(_FORMULA_STARTS) or text.startswith(" ") else text


def problem_report(problems: Iterable[RowProblem]) -> bytes:
    """A CSV (UTF-8 with BOM, so that Excel reads it) naming row, column, value and reason of every problem."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["行号", "列", "填写的内容", "原因", "程度", "依据规则"])
    for problem in problems:
        cells = [problem.column, problem.value, problem.reason, _SEVERITIES[problem.severity], problem.rule]
        writer.writerow([problem.row, *map(neutral_cell, cells)])
    return out.getvalue().encode("utf-8-sig")


def template_workbook(template: Template | str) -> bytes:
    """An empty XLSX with the template's headings, a comment on each, lists to choose from, and a sheet of
    explanations.
    """
    template = Template(template)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = template.label
    guide, options = book.create_sheet("填写说明"), book.create_sheet("选项")
    options.sheet_state = "hidden"
    guide.append(["列", "是否必填", "可选内容", "说明"])
    for index, column in enumerate(columns(template), start=1):
        letter = get_column_letter(index)
        head = sheet.cell(1, index, column.label)
        head.font, head.fill = Font(bold=True), _REQUIRED if column.required else _OPTIONAL
        head.comment = Comment(_explained(column), "平台", width=260, height=120)
        sheet.column_dimensions[letter].width = max(12, 2 * len(column.label) + 2)
        if column.is_text:  # or Excel keeps only 15 digits of a number
            sheet.column_dimensions[letter].number_format = "@"
        if column.choices:
            for row, choice in enumerate(column.choices, start=1):
                options.cell(row, index, choice)
            source = f"选项!${letter}$1:${letter}${len(column.choices)}"
            listed = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
            listed.error, listed.errorTitle = "请从列表中选择", column.label
            sheet.add_data_validation(listed)
            listed.add(f"{letter}2:{letter}{_FILLABLE_ROWS}")
        guide.append([column.label, "必填" if column.required else "选填", "、".join(column.choices), column.help])
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCD", (30, 10, 60, 60), strict=True):
        guide.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explained(column: Column) -> str:
    parts = ["必填" if column.required else "选填", column.help]
    if column.choices:
        parts.append("可填：" + "、".join(column.choices[:12]))
    return "。".join(part for part in parts if part)
