"""Spreadsheets in and out (rule S8).

Files read safely, rows made usable, bad ones named, templates and reports written.
"""

from portal.domain.spreadsheets.layout import Column, Template, columns
from portal.domain.spreadsheets.reading import DEFAULT_LIMITS, Limits, SheetRow, SpreadsheetError, read_rows
from portal.domain.spreadsheets.rows import ParsedRow, RowProblem, check_together, parse_row
from portal.domain.spreadsheets.writing import neutral_cell, problem_report, template_workbook

__all__ = [
    "DEFAULT_LIMITS",
    "Column",
    "Limits",
    "ParsedRow",
    "RowProblem",
    "SheetRow",
    "SpreadsheetError",
    "Template",
    "check_together",
    "columns",
    "neutral_cell",
    "parse_row",
    "problem_report",
    "read_rows",
    "template_workbook",
]
