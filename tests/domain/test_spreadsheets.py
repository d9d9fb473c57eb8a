"""Spreadsheets in and out (rule S8): hostile files, the real and the dirty fixtures, templates and reports."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.domain import divisions
from portal.domain.spreadsheets import (
    ParsedRow,
    RowProblem,
    SheetRow,
    Template,
    check_together,
    columns,
    neutral_cell,
    parse_row,
    problem_report,
    read_rows,
    template_workbook,
)
from portal.models.words import DataLevel, Kind, Origin, Section
from tests.domain.test_cleaning import ANYTHING
from tests.fixtures import make_imports
from tests.fixtures.dirty_rows import ROWS
from tests.fixtures.real_rows import IMPORTS, real_records, rows_moved_to_hunan

pytestmark = pytest.mark.rule("S8")

APPLICATION = {
    "申请类型": "修正", "项目编号": "4301021705240001", "项目名称": "芙蓉区供水营业厅", "工程类别": "房屋建筑",
    "建设单位": "丽江供排水有限公司", "环节": "合同", "环节编号": "4301021705240001-HZ-001", "办理方式": "线下办理",
    "申请单位": "丽江乙立建筑装饰有限公司", "申请单位统一社会信用代码": "91530700713494135Y", "合同类别": "施工总包",
    "合同签订日期": "2017-05-24", "合同金额": "913.8285", "发包单位": "丽江供排水有限公司", "承包单位":
    "丽江乙立建筑装饰有限公司",
}  # fmt: skip


def parsed(name: str) -> list[ParsedRow]:
    return [parse_row(Template.RECORDS, row) for row in read_rows(name, (IMPORTS / name).read_bytes())]


@pytest.fixture(params=["csv", "xlsx"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_all_52_real_records_stand_in_both_files(kind: str) -> None:
    assert [record["id"] for record in real_records()] == [f"P{n:02}" for n in range(1, 53)]
    as_is, hunan = parsed(f"real-as-is.{kind}"), parsed(f"hunan-records.{kind}")
    own_numbers = {record["project_no"] for record in real_records() if "project_no" in record}
    assert own_numbers <= {row.project["number"] for row in as_is}
    amounts = {str(row.content.get("amount")) for row in hunan} | {str(row.content.get("cost")) for row in hunan}
    assert {"913.8285", "7680.29", "49.9", "861.28", "2674.5779", "68300", "6291.72", "2389.47"} <= amounts
    assert len({row.project["number"] for row in hunan}) == 50, "P05 with P06 and P08 with P09 are one project each"


@pytest.mark.rule("S3")
def test_the_moved_records_can_all_be_imported_and_routed(kind: str) -> None:
    rows = parsed(f"hunan-records.{kind}")
    assert all(row.usable for row in rows)
    bureaus = {divisions.bureau_code(row.project["area_code"] or "", row.project["township"] or "") for row in rows}
    assert "XJXQ" in bureaus
    assert len({code[:4] for code in bureaus}) == 15, "every first-level bureau has work"


def test_records_as_they_are_keep_their_good_rows_beside_those_refused_by_name(kind: str) -> None:
    rows = parsed(f"real-as-is.{kind}")
    assert any(row.usable for row in rows)
    refused = [(p.column, p.reason) for row in rows for p in row.problems if p.severity == "error"]
    assert {column for column, _ in refused} == {"项目编号", "项目名称", "建设单位统一社会信用代码"}
    assert all(row.project["area_code"] for row in rows if row.project["number"])


@pytest.mark.rule("S10")
@pytest.mark.parametrize("index", range(len(ROWS)), ids=[f"{n + 2} {row[0]}" for n, row in enumerate(ROWS)])
def test_the_report_on_the_dirty_file_names_row_column_value_and_reason(index: int, kind: str) -> None:
    rows, together = dirty(kind)
    _, written, column, reason, severity = ROWS[index]
    number = index + 2
    problems = [p for p in (*rows[index].problems, *together) if p.row == number]
    if not column:
        assert rows[index].usable
        return
    found = [p for p in problems if p.column == column and reason in p.reason and p.severity == severity]
    assert found, problems
    assert rows[index].usable is (severity == "warning")
    if written.get(column) and "personal" not in ROWS[index][0]:
        assert found[0].value[:20] in str(written[column])


_DIRTY: dict[str, tuple[list[ParsedRow], list[RowProblem]]] = {}


def dirty(kind: str) -> tuple[list[ParsedRow], list[RowProblem]]:
    if kind not in _DIRTY:
        rows = parsed(f"dirty.{kind}")
        assert [row.number for row in rows] == list(range(2, len(ROWS) + 2))
        _DIRTY[kind] = rows, check_together(rows)
    return _DIRTY[kind]


def test_the_fixture_files_are_what_their_script_makes() -> None:
    rows = [row for _, row, *_ in ROWS]
    assert make_imports.as_csv(rows) == (IMPORTS / "dirty.csv").read_bytes()
    moved = rows_moved_to_hunan()
    assert make_imports.as_csv(moved) == (IMPORTS / "hunan-records.csv").read_bytes()
    assert len({row["项目编号"] for row in make_imports.demo_rows()}) == 50


@pytest.mark.rule("S2", "S7")
def test_an_application_row_becomes_what_intake_needs() -> None:
    row = parse_row(Template.APPLICATIONS, SheetRow(7, dict(APPLICATION)))
    assert row.problems == []
    assert (row.number, row.kind, row.section, row.origin) == (7, Kind.CORRECTION, Section.CONTRACT, Origin.OFFLINE)
    assert row.applicant == {"name": "丽江乙立建筑装饰有限公司", "code": "91530700713494135Y"}
    assert row.project["area_code"] == "430102"
    assert row.project["sector"] == "housing"
    assert row.content["amount"] == "913.8285"
    upgrade = parse_row(Template.APPLICATIONS, SheetRow(8, {**APPLICATION, "申请类型": "等级提升"}))
    assert not upgrade.usable


def test_the_same_facts_have_the_same_fingerprint_however_spelled_and_wherever_they_stand() -> None:
    one = parse_row(Template.APPLICATIONS, SheetRow(2, dict(APPLICATION)))
    spelled = {**APPLICATION, "合同签订日期": "2017年5月24日", "合同金额": 913.8285, "项目编号": "4301021705240001.0"}
    same = parse_row(Template.APPLICATIONS, SheetRow(9, spelled))
    other = parse_row(Template.APPLICATIONS, SheetRow(3, {**APPLICATION, "合同金额": "913.8286"}))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert [p.row for p in check_together([one, same, other]) if "与第2行内容相同" in p.reason] == [9]


@pytest.mark.rule("L1")
def test_an_empty_grade_is_never_taken_for_a_confirmed_one() -> None:
    row = {k: v for k, v in APPLICATION.items() if not k.startswith("申请")}
    assert parse_row(Template.RECORDS, SheetRow(2, row)).level is DataLevel.D
    assert parse_row(Template.RECORDS, SheetRow(2, {**row, "数据等级": "b级"})).level is DataLevel.B
    assert not parse_row(Template.RECORDS, SheetRow(2, {**row, "数据等级": "E"})).usable


def test_columns_that_do_not_count_are_named_and_a_missing_date_does_not_cost_the_row() -> None:
    odd = {**APPLICATION, "审查完成日期": "2017-01-01", "备注": "x", "合同签订日期": ""}
    row = parse_row(Template.APPLICATIONS, SheetRow(2, odd))
    assert row.usable
    assert {(p.column, p.severity) for p in row.problems} == {
        ("审查完成日期", "warning"), ("备注", "warning"), ("合同签订日期", "warning"),
    }  # fmt: skip


@pytest.mark.parametrize("template", list(Template))
def test_the_template_can_be_filled_in_and_read_back(template: Template) -> None:
    content = template_workbook(template)
    workbook = load_workbook(io.BytesIO(content))
    sheet = workbook.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    assert headings == [column.label for column in columns(template)]
    assert len(set(headings)) == len(headings)
    assert all(cell.comment for cell in sheet[1])
    assert sheet.data_validations.count == sum(bool(column.choices) for column in columns(template))
    assert list(read_rows("模板.xlsx", content)) == []
    sheet.append([{**APPLICATION, "数据等级": "C"}.get(str(label)) for label in headings])
    filled = io.BytesIO()
    workbook.save(filled)
    rows = [parse_row(template, row) for row in read_rows("填好的.xlsx", filled.getvalue())]
    assert [row.usable for row in rows] == [True]
    assert rows[0].content["amount"] == "913.8285"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\n@x", "＝1"])
def test_a_cell_that_could_begin_a_formula_is_neutralised(text: str) -> None:
    assert neutral_cell(text) == "'" + text


def test_the_problem_report_is_safe_to_open_and_complete() -> None:
    problem = RowProblem(29, "中标单位", '=HYPERLINK("http://example.com")', "会被当作公式", "error")
    report = problem_report([problem]).decode("utf-8-sig")
    header, line = list(csv.reader(io.StringIO(report)))
    assert header[:4] == ["行号", "列", "填写的内容", "原因"]
    assert line == ["29", "中标单位", '\'=HYPERLINK("http://example.com")', "会被当作公式", "错误", "S10"]


@settings(max_examples=200)
@given(st.sampled_from(Template), st.data())
def test_parsing_a_row_never_raises_whatever_it_holds(template: Template, data: st.DataObject) -> None:
    labels = st.sampled_from([column.label for column in columns(template)]) | st.text(max_size=8)
    values = data.draw(st.dictionaries(labels, ANYTHING, max_size=8))
    if data.draw(st.booleans()):
        values["环节"] = data.draw(st.sampled_from([section.label for section in Section]))
    row = parse_row(template, SheetRow(2, values))
    assert len(row.fingerprint) == 64
    assert parse_row(template, SheetRow(5, values)).fingerprint == row.fingerprint
    check_together([row, row])
    problem_report(row.problems)
