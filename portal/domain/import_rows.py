"""One cleaned row of a spreadsheet becomes an application, or an entry that existed before the portal (rules S8,
L1).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.domain import intake, permissions, projects, records
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, RuleViolation
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.permissions import Permission
from portal.domain.projects import ProjectFacts
from portal.domain.spreadsheets import ParsedRow, Template
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import LEVEL_OF_TIER
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Channel, DataLevel, DataSource, Kind, Origin, Section, Sector, Undertaking

COLUMN_OF = {
    "area_code": "区划代码",
    "township": "乡镇街道",
    "project_name": "项目名称",
    "kind": "申请类型",
    "origin": "办理方式",
    "section": "环节",
    "entry_number": "环节编号",
    "applicant_name": "申请单位",
    "level": "数据等级",
}
"""The sheet's column for the field a rule found at fault."""


class AlreadyThere(RuleViolation):
    """The row adds nothing: what it says is in the portal already (rule S8)."""

    rule = "S8"


def as_json(parsed: ParsedRow) -> dict[str, Any]:
    """What is kept of a row between dry run and import."""
    return {
        "template": parsed.template.value,
        "project": parsed.project,
        "section": parsed.section.value if parsed.section else None,
        "entry_number": parsed.entry_number,
        "origin": parsed.origin.value if parsed.origin else None,
        "content": parsed.content,
        "kind": parsed.kind.value if parsed.kind else None,
        "applicant": parsed.applicant,
        "level": parsed.level.value if parsed.level else None,
        "source": parsed.source.value if parsed.source else None,
    }


def cell_of(field: str, parsed: ParsedRow) -> tuple[str, str]:
    """Column and value of the field a rule found at fault; empty where the whole row is."""
    column = COLUMN_OF.get(field, "")
    values = {**parsed.project, "section": parsed.section and parsed.section.label, "entry_number": parsed.entry_number}
    return column, str(values.get(field) or "")


def take_in(row: dict[str, Any], fingerprint: str, *, batch: str, actor: Actor, now: datetime) -> str:
    """Do what the row says; returns the number of what it became. Raises AlreadyThere, or RuleViolation like the
    verbs it calls.
    """
    if row["template"] == Template.RECORDS.value:
        return _record(row, fingerprint, batch, actor, now)
    return _application(row, fingerprint, actor, now)


def _application(row: dict[str, Any], fingerprint: str, actor: Actor, now: datetime) -> str:
    known = db.session.scalar(select(Application.number).where(Application.import_fingerprint == fingerprint))
    if known is not None:
        raise AlreadyThere(f"该行以前已经导入，申请编号{known}")
    kind, section = Kind(row["kind"]), Section(row["section"])
    project = projects.known(row["project"]["number"])
    if project is None:
        if kind is not Kind.SUPPLEMENT:
            raise RuleViolation("档案中没有该项目，不能修正；请核对项目编号", rule="S9", field="project_number")
        project = projects.register(_facts(row), now=now)
    number = row["entry_number"] or row["content"].get("number") or _only_entry(project, section, kind, fingerprint)
    application = intake.receive(
        kind,
        project,
        [ChangeRequest(section, number, Origin(row["origin"]), row["content"])],
        Applicant(row["applicant"]["name"] or "", row["applicant"]["code"] or ""),
        channel=Channel.IMPORT,
        fingerprint=fingerprint,
        actor=actor,
        now=now,
    )
    return application.number


def _record(row: dict[str, Any], fingerprint: str, batch: str, actor: Actor, now: datetime) -> str:
    level, section = DataLevel(row["level"]), Section(row["section"])
    project = projects.known(row["project"]["number"]) or projects.register(_facts(row), now=now)
    permissions.require_in(actor, Permission.IMPORT, project.bureau)
    if actor.tier is None or level.value < LEVEL_OF_TIER[actor.tier].value:
        raise NotAllowed(f"{level.label}数据须由相应层级的部门导入，本单位不能导入", rule="L1", field="level")
    number = row["entry_number"] or row["content"].get("number") or _own_number(fingerprint)
    existing = db.session.scalar(
        select(RecordEntry).where(
            RecordEntry.project_id == project.id, RecordEntry.section == section, RecordEntry.number == number
        )
    )
    if existing is not None:
        if existing.content == row["content"]:
            raise AlreadyThere(f"档案中已有“{section.label} {number}”，内容相同")
        raise RuleViolation(
            f"档案中已有“{section.label} {number}”，内容不同；请按修正申请办理", rule="S8", field="entry_number"
        )
    records.load_entry(
        project,
        section,
        number,
        row["content"],
        origin=Origin(row["origin"]),
        source=DataSource(row["source"]) if row["source"] else DataSource.SUPPLEMENTED,
        level=level,
        batch=batch,
        actor=actor,
        now=now,
    )
    return number


def _facts(row: dict[str, Any]) -> ProjectFacts:
    said = row["project"]
    return ProjectFacts(
        number=said["number"],
        name=said["name"] or "",
        area_code=said["area_code"] or "",
        township=said["township"] or "",
        sector=Sector(said["sector"]),
        undertaking=Undertaking(said["undertaking"]),
        owner_name=said["owner_name"] or "",
        owner_code=said["owner_code"] or "",
        accepted_on=date.fromisoformat(said["completed_on"]) if said["completed_on"] else None,
    )


def _only_entry(project: Project, section: Section, kind: Kind, fingerprint: str) -> str:
    """The entry meant by a row without a number: the only one there is for a correction, a new one for a supplement."""
    if kind is Kind.SUPPLEMENT:
        return _own_number(fingerprint)
    numbers = list(
        db.session.scalars(
            select(RecordEntry.number)
            .where(RecordEntry.project_id == project.id, RecordEntry.section == section)
            .limit(2)
        )
    )
    if len(numbers) != 1:
        raise RuleViolation(
            f"该项目的{section.label}有{len(numbers) or '零'}个条目，请填写环节编号", rule="S8", field="entry_number"
        )
    return numbers[0]


def _own_number(fingerprint: str) -> str:
    """The portal's number for an entry that has none; the same row gets the same one."""
    return f"PT-{fingerprint[:8].upper()}"
