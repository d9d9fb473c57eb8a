"""A spreadsheet comes in: dry run, report, import, and the same again (rules S8, S10, L1)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs import import_rows
from portal.domain import imports
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound
from portal.domain.spreadsheets import Template
from portal.extensions import db
from portal.models.application import Application
from portal.models.import_batch import ImportBatch, ImportProblem, ImportState
from portal.models.project import Project
from portal.models.record import RecordEntry, RecordVersion
from portal.models.trail_entry import TrailEntry
from portal.models.words import Channel, DataLevel, Kind, Role, Status
from tests import builders
from tests.builders import MORNING, done

FILES = Path(__file__).parents[1] / "fixtures" / "imports"
PROVINCE = "430000"


def sheet(*rows: dict[str, Any]) -> bytes:
    """A CSV file with these rows; the union of their columns."""
    labels = list(dict.fromkeys(label for row in rows for label in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, labels, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


RECORD = {
    "项目编号": "4301811511020001",
    "项目名称": "浏阳市长寿路改造工程",
    "工程类别": "市政",
    "竣工验收日期": "2016-05-01",
    "环节": "合同",
    "环节编号": "4301811511020001-HZ-001",
    "办理方式": "线下办理",
    "合同金额": "861.28",
    "合同签订日期": "2015-01-16",
    "承包单位": "湖南三穗建筑工程有限公司",
    "数据等级": "C",
}
CORRECTION = {
    **{key: value for key, value in RECORD.items() if key != "数据等级"},
    "申请类型": "修正",
    "合同金额": "913.8285",
    "申请单位": "湖南三穗建筑工程有限公司",
}


def handed_in(
    template: Template, data: bytes, clerk: Actor, *, name: str = "表.csv", go_on: bool = True
) -> ImportBatch:
    """A file handed in and checked, and taken in unless told otherwise."""
    batch_id = done(lambda: imports.upload(template, name, data, "key", actor=clerk, now=MORNING)).id
    import_rows.check(batch_id, data, actor=clerk, now=MORNING)
    batch = db.session.get_one(ImportBatch, batch_id)
    if go_on and batch.state is ImportState.CHECKED:
        done(lambda: imports.start(db.session.get_one(ImportBatch, batch_id), actor=clerk, now=MORNING))
        import_rows.take_in(batch_id, actor=clerk, now=MORNING)
    return db.session.get_one(ImportBatch, batch_id)


def reasons(batch: ImportBatch) -> list[tuple[int, str, str]]:
    """Row, column and reason of every error."""
    return [(p.row_number, p.column, p.reason) for p in db.session.scalars(imports.problems(batch)) if p.is_error]


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.rule("S8")
def test_the_dry_run_changes_nothing_but_says_what_would_happen(app: Flask) -> None:
    clerk = builders.acting(Role.CLERK, bureau_code=PROVINCE)
    batch = handed_in(Template.RECORDS, sheet(RECORD), clerk, go_on=False)
    assert batch.state is ImportState.CHECKED
    assert imports.summary(batch)["good"] == 1
    assert count(Project) == count(RecordEntry) == 0


@pytest.mark.rule("S8", "S10")
@pytest.mark.parametrize("name", ["hunan-records.xlsx", "hunan-records.csv"])
def test_all_real_records_moved_to_hunan_come_in_by_the_door(app: Flask, name: str) -> None:
    clerk = builders.acting(Role.CLERK, bureau_code=PROVINCE)
    batch = handed_in(Template.RECORDS, (FILES / name).read_bytes(), clerk, name=name)
    assert batch.state is ImportState.DONE
    assert imports.summary(batch)["imported"] == 109
    assert count(RecordEntry) == count(RecordVersion) == 109
    assert count(Project) == 50


@pytest.mark.rule("S8")
def test_the_same_file_twice_adds_nothing(app: Flask) -> None:
    clerk = builders.acting(Role.CLERK, bureau_code=PROVINCE)
    data = (FILES / "hunan-records.csv").read_bytes()
    handed_in(Template.RECORDS, data, clerk)
    before = count(RecordEntry), count(RecordVersion), count(Project)
    again = handed_in(Template.RECORDS, data, clerk)
    assert imports.summary(again) == {**imports.summary(again), "imported": 0, "bad": 0, "duplicate": 109}
    assert (count(RecordEntry), count(RecordVersion), count(Project)) == before


@pytest.mark.rule("S3", "S8")
def test_records_of_other_provinces_are_refused_row_by_row_and_the_code_is_named(app: Flask) -> None:
    clerk = builders.acting(Role.CLERK, bureau_code=PROVINCE)
    batch = handed_in(Template.RECORDS, (FILES / "real-as-is.csv").read_bytes(), clerk)
    assert imports.summary(batch)["imported"] == 0
    named = [reason for _row, _column, reason in reasons(batch) if "不是湖南省现行的" in reason]
    assert any("440371" in reason or "440307" in reason for reason in named)
    assert {row for row, _column, _reason in reasons(batch)} == set(range(2, batch.total + 2))


@pytest.mark.rule("S8", "S10")
def test_good_rows_are_not_lost_because_of_bad_ones_and_each_bad_one_is_named(app: Flask) -> None:
    clerk = builders.acting(Role.CLERK, bureau_code=PROVINCE)
    batch = handed_in(Template.RECORDS, (FILES / "dirty.csv").read_bytes(), clerk)
    counts = imports.summary(batch)
    assert counts["imported"] > 10
    assert counts["bad"] > 10
    assert counts["imported"] + counts["bad"] + counts["duplicate"] == batch.total
    for problem in db.session.scalars(imports.problems(batch).where(ImportProblem.is_error)):
        assert problem.row_number > 1
        assert problem.reason
    assert any("科学计数法" in reason and column == "项目编号" for _row, column, reason in reasons(batch))


@pytest.mark.rule("S8", "S2")
def test_a_correction_by_spreadsheet_becomes_an_application_of_its_bureau(app: Flask) -> None:
    handed_in(Template.RECORDS, sheet(RECORD), builders.acting(Role.CLERK, bureau_code=PROVINCE))
    batch = handed_in(Template.APPLICATIONS, sheet(CORRECTION), builders.acting(Role.CLERK))
    assert imports.summary(batch)["imported"] == 1, reasons(batch)
    case = db.session.scalars(select(Application)).one()
    assert (case.kind, case.status, case.channel) == (Kind.CORRECTION, Status.RECEIVED, Channel.IMPORT)
    assert case.changes[0].before is not None
    assert case.changes[0].before["amount"] == "861.28"
    assert case.changes[0].after["amount"] == "913.8285"


@pytest.mark.rule("S8")
def test_an_application_row_that_came_before_is_recognised_in_another_file(app: Flask) -> None:
    handed_in(Template.RECORDS, sheet(RECORD), builders.acting(Role.CLERK, bureau_code=PROVINCE))
    clerk = builders.acting(Role.CLERK)
    handed_in(Template.APPLICATIONS, sheet(CORRECTION), clerk)
    again = handed_in(Template.APPLICATIONS, sheet({**CORRECTION, "申请类型": " 修正 "}), clerk)
    assert imports.summary(again)["duplicate"] == 1
    assert count(Application) == 1


@pytest.mark.rule("S5", "S8")
def test_a_supplement_after_the_last_day_is_refused_in_the_report_with_the_clause(app: Flask) -> None:
    row = {**CORRECTION, "申请类型": "补录", "环节编号": "4301811511020001-HZ-002"}
    batch = handed_in(Template.APPLICATIONS, sheet(row), builders.acting(Role.CLERK))
    assert count(Application) == 0
    assert [(row, column) for row, column, _ in reasons(batch)] == [(2, "环节")]
    assert "2025年6月30日截止" in reasons(batch)[0][2]


@pytest.mark.rule("A5", "S3")
def test_a_clerk_cannot_bring_in_cases_or_records_of_another_bureau(app: Flask) -> None:
    handed_in(Template.RECORDS, sheet(RECORD), builders.acting(Role.CLERK, bureau_code=PROVINCE))
    stranger = builders.acting(Role.CLERK, bureau_code="430621")
    assert imports.summary(handed_in(Template.APPLICATIONS, sheet(CORRECTION), stranger))["bad"] == 1
    other = {**RECORD, "环节编号": "4301811511020001-HZ-009"}
    assert imports.summary(handed_in(Template.RECORDS, sheet(other), stranger))["bad"] == 1


@pytest.mark.rule("L1")
def test_nobody_brings_in_a_level_above_his_own_tier(app: Flask) -> None:
    county = builders.acting(Role.CLERK)
    batch = handed_in(Template.RECORDS, sheet({**RECORD, "数据等级": "B"}), county)
    assert imports.summary(batch)["bad"] == 1
    assert "B级" in reasons(batch)[0][2]
    assert imports.summary(handed_in(Template.RECORDS, sheet(RECORD), county))["imported"] == 1
    assert db.session.scalars(select(RecordEntry.level)).one() is DataLevel.C


@pytest.mark.rule("S8")
def test_a_row_said_twice_in_one_file_is_taken_once(app: Flask) -> None:
    batch = handed_in(Template.RECORDS, sheet(RECORD, RECORD), builders.acting(Role.CLERK, bureau_code=PROVINCE))
    assert (imports.summary(batch)["imported"], imports.summary(batch)["duplicate"]) == (1, 1)


@pytest.mark.rule("S8")
def test_an_import_that_was_interrupted_goes_on_where_it_stopped(app: Flask) -> None:
    clerk = builders.acting(Role.CLERK, bureau_code=PROVINCE)
    data = sheet(*({**RECORD, "环节编号": f"HZ-{n:03d}"} for n in range(60)))
    batch_id = done(lambda: imports.upload(Template.RECORDS, "表.csv", data, "key", actor=clerk, now=MORNING)).id
    half = data[: data.index(b"HZ-031")].rpartition(b"\r\n")[0] + b"\r\n"
    import_rows.check(batch_id, half, actor=clerk, now=MORNING)  # as if the process had died after these rows
    first = db.session.get_one(ImportBatch, batch_id)
    assert first.total == 31
    done(lambda: setattr(db.session.get_one(ImportBatch, batch_id), "state", ImportState.UPLOADED))
    import_rows.check(batch_id, data, actor=clerk, now=MORNING)
    again = db.session.get_one(ImportBatch, batch_id)
    assert (again.state, again.total) == (ImportState.CHECKED, 60)
    done(lambda: imports.start(db.session.get_one(ImportBatch, batch_id), actor=clerk, now=MORNING))
    import_rows.take_in(batch_id, actor=clerk, now=MORNING)
    import_rows.take_in(batch_id, actor=clerk, now=MORNING)
    assert count(RecordEntry) == 60


@pytest.mark.rule("S8")
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("表.csv", b""),
        ("表.xlsx", b"PK\x03\x04 not a workbook"),
        ("表.csv", b"\xff\xfe\x00\x01" * 100),
        ("表.exe", b"MZ" + b"\0" * 200),
        ("表.csv", "项目编号\n".encode()),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(app: Flask, name: str, data: bytes) -> None:
    batch = handed_in(Template.RECORDS, data, builders.acting(Role.CLERK, bureau_code=PROVINCE), name=name)
    if batch.state is ImportState.REFUSED:
        assert any("\u4e00" <= char <= "\u9fff" for char in batch.failure)
    else:
        assert imports.summary(batch)["imported"] == 0


@pytest.mark.rule("S8", "A3")
def test_only_a_clerk_imports_and_only_after_a_dry_run(app: Flask) -> None:
    verifier = builders.acting(Role.VERIFIER)
    with pytest.raises(NotAllowed):
        done(lambda: imports.upload(Template.RECORDS, "表.csv", b"", "key", actor=verifier, now=MORNING))
    db.session.rollback()
    clerk = builders.acting(Role.CLERK)
    batch_id = done(lambda: imports.upload(Template.RECORDS, "表.csv", b"x", "key", actor=clerk, now=MORNING)).id
    with pytest.raises(NotAllowedNow):
        done(lambda: imports.start(db.session.get_one(ImportBatch, batch_id), actor=clerk, now=MORNING))


@pytest.mark.rule("T1")
def test_upload_and_end_of_an_import_are_in_the_trail(app: Flask) -> None:
    batch = handed_in(Template.RECORDS, sheet(RECORD), builders.acting(Role.CLERK, bureau_code=PROVINCE))
    events = db.session.scalars(
        select(TrailEntry.event)
        .where(TrailEntry.subject_kind == "import_batch", TrailEntry.subject_ref == str(batch.id))
        .order_by(TrailEntry.id)
    ).all()
    assert events == ["import_uploaded", "import_finished"]


@pytest.mark.rule("A5", "S8")
def test_a_batch_is_started_by_its_own_bureau_only(app: Flask) -> None:
    batch_id = handed_in(Template.RECORDS, sheet(RECORD), builders.acting(Role.CLERK), go_on=False).id
    stranger = builders.acting(Role.CLERK, bureau_code="430621")
    with pytest.raises(NotFound):
        done(lambda: imports.start(db.session.get_one(ImportBatch, batch_id), actor=stranger, now=MORNING))
