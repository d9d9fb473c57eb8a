"""Notices as feeds, API and exports read them: plain columns, newest first, by key, whatever they are narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import ColumnElement, Row, Select, func, select

from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.models.alert import NoticeCompany
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.notice import Notice, WindowChange
from portal.models.search import find, matching
from portal.models.words import Tier
from portal.web.addresses import absolute


class BadQuery(RuleViolation):
    """A parameter of the address means nothing: a machine is told so, where a page would ignore it."""

    status = 400


COLUMNS = (
    Notice.id,
    Notice.reference,
    Notice.title,
    Notice.company,
    Notice.kind,
    Notice.subject,
    Notice.status,
    Notice.published_at,
    Notice.first_day,
    Notice.last_day,
    Notice.ends_at,
    Notice.provisional,
    Notice.closed_at,
    Notice.content_hash,
    Bureau.code.label("bureau_code"),
    Bureau.name.label("bureau"),
    select(func.max(WindowChange.changed_at))
    .where(WindowChange.notice_id == Notice.id)
    .correlate(Notice)
    .scalar_subquery()
    .label("moved_at"),
)
ALL: Select[*tuple[Any, ...]] = select(*COLUMNS).join(Bureau, Notice.bureau_id == Bureau.id)


def newest(
    narrowed: Mapping[str, Any],
    words: str = "",
    *conditions: ColumnElement[bool],
    limit: int,
    before: int | None = None,
) -> list[Row[Any]]:
    """The newest notices whose columns have the values `narrowed` says and in which all words occur.

    narrowed: columns of `models.search.FACETS`; conditions: what leaves few, by an index; before: only ids below.
    """
    query = ALL.where(*conditions).order_by(Notice.id.desc()).limit(limit)
    if not conditions and (words or len(narrowed) > 1):
        found = find(Notice, words, narrowed, limit=limit, before=before)
        if found is not None:
            return list(db.session.execute(query.where(Notice.id.in_(found.ids))).all())
    query = query.where(*(getattr(Notice, column) == value for column, value in narrowed.items()))
    if conditions and words:  # few notices, whatever the words
        said = matching(Notice, words)
        query = query if said is None else query.where(said)
    if before is not None:
        query = query.where(Notice.id < before)
    return list(db.session.execute(query).all())


def updated(notice: Row[Any]) -> datetime:
    """When the notice last changed: published, its last day moved, closed or retracted."""
    known = (notice.published_at, notice.moved_at, notice.closed_at)
    return max(moment for moment in known if moment is not None)


def within(bureau: Bureau) -> dict[str, int]:
    """What narrows notices to those of a bureau and the bureaus below it."""
    return {Tier.PROVINCE: {}, Tier.CITY: {"city_id": bureau.id}, Tier.COUNTY: {"bureau_id": bureau.id}}[bureau.tier]


def of_project(project_id: int) -> ColumnElement[bool]:
    """Condition: notices of this project."""
    return Notice.application_id.in_(select(Application.id).where(Application.project_id == project_id))


def of_company(code: str) -> ColumnElement[bool]:
    """Condition: notices that name the company with this code."""
    return Notice.id.in_(select(NoticeCompany.notice_id).where(NoticeCompany.code == code))


def next_page(key: int) -> str:
    """The address of this request for what comes after the row with this key, older ones."""
    kept = [(name, value) for name, value in request.args.items() if name != "before"]
    return absolute(str(request.endpoint)) + "?" + urlencode([*kept, ("before", key)])
