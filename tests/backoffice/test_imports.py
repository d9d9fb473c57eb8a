"""A spreadsheet through the pages: handed in, tried, looked at, let in (rule S8)."""

from __future__ import annotations

import io

import pytest

from jobs import import_rows
from portal.domain.spreadsheets import Template, columns
from portal.extensions import db
from portal.models.application import Application
from portal.models.import_batch import ImportBatch
from portal.models.words import Role
from tests import builders
from tests.builders import MORNING

GOOD = {
    "项目编号": "4301811511029801", "项目名称": "浏阳市第一中学扩建", "区划代码": "430181", "工程类别": "房屋建筑",
    "申请类型": "补录", "环节": "安全生产标准化考评", "环节编号": "AQ-1", "办理方式": "线下办理",
    "申请单位": "湖南三穗建筑工程有限公司", "考评结果": "优良", "考评周期": "2021年第四季度", "考评日期": "2022-01-10",
    "施工单位": "湖南三穗建筑工程有限公司",
}  # fmt: skip


def sheet(*rows: dict[str, str]) -> bytes:
    """A CSV with every heading of the template."""
    names = [column.label for column in columns(Template.APPLICATIONS)]
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "\n".join(",".join(line) for line in lines).encode()


def handed_in(desk, content: bytes, name: str = "收件.csv"):
    """Upload a sheet."""
    desk.get("/office/imports")
    data = {"template": "applications", "file": (io.BytesIO(content), name)}
    return desk.post("/office/imports", data, content_type="multipart/form-data")


@pytest.mark.rule("S8")
def test_good_rows_come_in_bad_ones_are_named_and_the_clerk_decides(app, at_any_desk):
    desk = at_any_desk(builders.officer(Role.CLERK))
    answer = handed_in(desk, sheet(GOOD, GOOD | {"环节编号": "AQ-2", "考评日期": "2022-13-40"}))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    waiting = desk.get(answer.location).get_data(as_text=True)
    assert 'hx-trigger="every 2s"' in waiting
    assert "刷新进度" in waiting
    import_rows.run(now=MORNING)
    checked = desk.get(answer.location).get_data(as_text=True)
    assert "导入 1 行" in checked
    assert "考评日期" in checked
    assert "hx-trigger" not in checked
    report = desk.client.get(answer.location + "/problems.csv").get_data().decode("utf-8-sig")
    assert report.splitlines()[1].startswith("3,考评日期,2022-13-40")
    part = desk.client.get(answer.location, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<!doctype" not in part.lower()

    assert desk.post(answer.location + "/run").status_code == 303
    import_rows.run(now=MORNING)
    assert "导入完成：导入1行" in desk.get(answer.location).get_data(as_text=True)
    assert len(db.session.scalars(db.select(Application)).all()) == 1
    assert desk.post(answer.location + "/run").status_code == 409


def test_a_file_that_is_no_spreadsheet_is_refused_at_once_or_by_the_dry_run(sqlite_app, at_desk):
    desk = at_desk(builders.officer(Role.CLERK))
    assert handed_in(desk, b"%PDF-1.4 no sheet", "收件.xlsx").status_code == 422
    assert handed_in(desk, b"", "收件.csv").status_code == 422
    answer = handed_in(desk, b"PK\x03\x04broken", "收件.xlsx")
    if answer.status_code == 303:
        import_rows.run(now=MORNING)
        assert "文件无法导入" in desk.get(answer.location).get_data(as_text=True)


def test_the_empty_templates_can_be_fetched(sqlite_app, at_desk):
    desk = at_desk(builders.officer(Role.CLERK))
    for template in Template:
        response = desk.client.get(f"/office/imports/templates/{template.value}.xlsx")
        assert response.data.startswith(b"PK")


@pytest.mark.rule("A5")
def test_the_bureau_above_sees_a_batch_and_does_not_start_it(sqlite_app, at_desk):
    below = at_desk(builders.officer(Role.CLERK))
    answer = handed_in(below, sheet(GOOD))
    import_rows.run(now=MORNING)
    above = at_desk(builders.officer(Role.CLERK, bureau_code="430100"))
    assert "由上传单位决定是否导入" in above.get(answer.location).get_data(as_text=True)
    assert above.post(answer.location + "/run").status_code == 403
    assert db.session.scalars(db.select(ImportBatch)).one().state.value == "checked"
