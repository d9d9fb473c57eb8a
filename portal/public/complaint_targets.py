"""What a complaint can be about: found by a few words or brought along in the address, and remembered by a reference
(rule C1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.search import find, runs
from portal.models.words import ComplaintTarget, Tier

EACH = 5
"""Hits shown of each kind."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to complain about. `key`: how a form and the draft name it, such as notice:GS-430181-2026-0001."""

    target: ComplaintTarget
    reference: str
    name: str
    note: str
    row_id: int
    bureau: Bureau | None = None
    """Whose matter it is, as far as that is known."""

    @property
    def key(self) -> str:
        """Kind and reference."""
        return f"{self.target.value}:{self.reference}"


def search(words: str) -> list[Pick]:
    """Notices, projects, companies and bureaus in which every word of `words` occurs, a few of each."""
    if not runs(words):
        return []
    return [*_bureaus(words), *_found(Notice, words), *_found(Project, words), *_found(Company, words)]


def known(key: str) -> Pick | None:
    """What a key names; None for one that names nothing (any more)."""
    kind, _, reference = key.partition(":")
    columns: dict[str, Any] = {
        ComplaintTarget.NOTICE: Notice.reference,
        ComplaintTarget.PROJECT: Project.number,
        ComplaintTarget.COMPANY: Company.code,
        ComplaintTarget.BUREAU: Bureau.code,
    }
    column = columns.get(kind)
    if column is None or not reference:
        return None
    row = db.session.scalar(select(column.class_).where(column == reference[:60]))
    return _pick(row) if row is not None else None


def places() -> dict[str, list[tuple[str, str]]]:
    """All bureaus as the grouped options of a list: the province, then each first-level bureau with its counties."""
    bureaus = db.session.execute(
        select(Bureau.id, Bureau.name, Bureau.tier, Bureau.parent_id, Bureau.area_name).order_by(Bureau.sort, Bureau.id)
    ).all()
    groups: dict[str, list[tuple[str, str]]] = {}
    names: dict[int, str] = {}
    for tier in (Tier.PROVINCE, Tier.CITY, Tier.COUNTY):
        for row in bureaus:
            if row.tier is tier:
                group = names.get(row.parent_id or 0, "") if tier is Tier.COUNTY else row.area_name
                names[row.id] = group
                groups.setdefault(group, []).append((str(row.id), row.name))
    return groups


def _found(model: Any, words: str) -> list[Pick]:
    hits = find(model, words, {}, limit=EACH)
    rows: Iterable[Any] = (
        db.session.scalars(select(model).where(model.id.in_(hits.ids)).order_by(model.id.desc())) if hits else []
    )
    return [_pick(row) for row in rows]


def _bureaus(words: str) -> list[Pick]:
    query = select(Bureau).order_by(Bureau.sort, Bureau.id).limit(EACH)
    for run in runs(words):
        query = query.where(
            or_(Bureau.name.contains(run, autoescape=True), Bureau.area_name.contains(run, autoescape=True))
        )
    return [_pick(row) for row in db.session.scalars(query)]


def _pick(row: Any) -> Pick:
    if isinstance(row, Notice):
        return Pick(ComplaintTarget.NOTICE, row.reference, row.title, row.reference, row.id, row.bureau)
    if isinstance(row, Project):
        return Pick(ComplaintTarget.PROJECT, row.number, row.name, f"项目编号 {row.number}", row.id, row.bureau)
    if isinstance(row, Company):
        note = f"统一社会信用代码 {row.code}"
        return Pick(ComplaintTarget.COMPANY, row.code, row.name, note, row.id, _bureau_of_company(row.id))
    return Pick(ComplaintTarget.BUREAU, row.code, row.name, row.area_name, row.id, row)


def _bureau_of_company(company_id: int) -> Bureau | None:
    """Where it worked last: a first guess, which the filer may correct."""
    query = (
        select(Bureau)
        .join(Project, Project.bureau_id == Bureau.id)
        .join(Participation, Participation.project_id == Project.id)
        .where(Participation.company_id == company_id)
        .order_by(Project.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)
