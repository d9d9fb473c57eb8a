"""Which complaints a list shows: the filters of the address as a query, always of the actor's own desk (rule C2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.message import Message
from portal.models.words import ComplaintMatter, ComplaintStatus, Word

ROWS = 50
SOON = timedelta(days=7)
VIEWS = {"open": "待办理", "soon": "7日内到期", "overdue": "已超期", "all": "全部"}
WORDS: dict[str, type[Word]] = {"status": ComplaintStatus, "matter": ComplaintMatter}
_KEY = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; whatever is no known choice is left out. `after`: the last row seen before."""

    view: str
    status: str
    matter: str
    after: tuple[date, int] | None

    @property
    def by_due_day(self) -> bool:
        """Whether the list runs by the day something is due; otherwise from the newest down."""
        return self.view != "all"


def filters(args: MultiDict[str, str]) -> Filters:
    """The filters of an address. Asked for a state in which nothing is due, it shows all of it."""
    known = {name: {word.value for word in words} for name, words in WORDS.items()}
    said = {name: args.get(name, "") if args.get(name, "") in known[name] else "" for name in WORDS}
    view = args.get("view", "") if args.get("view", "") in VIEWS else "all" if said["status"] else "open"
    return Filters(view, said["status"], said["matter"], _key(args))


def wanted(said: Filters, own: Select[int], today: date) -> Select[int]:
    """Ids of the complaints `said` asks for, of those in `own`; by due day: in order, one more than a page."""
    query = select(Complaint.id).where(Complaint.id.in_(own), _in_view(said.view, today))
    for name, words in WORDS.items():
        chosen = getattr(said, name)
        if chosen:
            query = query.where(getattr(Complaint, name) == words(chosen))
    if not said.by_due_day:
        return query
    if said.after is not None:
        day, row_id = said.after
        query = query.where(or_(Complaint.due_on > day, and_(Complaint.due_on == day, Complaint.id > row_id)))
    return query.order_by(Complaint.due_on, Complaint.id).limit(ROWS + 1)


def load(ids: Sequence[int]) -> list[Complaint]:
    """These complaints with what a line of the list shows, in this order."""
    query = (
        select(Complaint)
        .where(Complaint.id.in_(ids))
        .options(
            joinedload(Complaint.notice),
            joinedload(Complaint.project),
            joinedload(Complaint.bureau),
            joinedload(Complaint.against),
        )
    )
    found = {each.id: each for each in db.session.scalars(query).unique()}
    return [found[row_id] for row_id in ids]


def later_url(path: str, args: MultiDict[str, str], found: Sequence[Complaint]) -> str:
    """Address of the rows due after this page; empty if there are none."""
    if len(found) <= ROWS:
        return ""
    last = found[ROWS - 1]
    kept = [(name, value) for name, value in args.items() if name != "from"]
    return f"{path}?{urlencode([*kept, ('from', f'{last.due_on}.{last.id}')])}"


def counts(own: Select[int], today: date) -> dict[str, int]:
    """How many each view holds."""
    return {
        view: db.session.scalar(
            select(func.count()).select_from(Complaint).where(Complaint.id.in_(own), _in_view(view, today))
        )
        or 0
        for view in VIEWS
    }


def waiting_for_a_word(found: Sequence[Complaint]) -> set[int]:
    """Ids of those whose filer had the last word in the dialogue."""
    last = (
        select(func.max(Message.id))
        .where(Message.complaint_id.in_([each.id for each in found]))
        .group_by(Message.complaint_id)
    )
    query = select(Message.complaint_id).where(Message.id.in_(last), Message.from_filer)
    return {row_id for row_id in db.session.scalars(query) if row_id is not None}


def _in_view(view: str, today: date) -> ColumnElement[bool]:
    conditions: dict[str, Any] = {
        "open": Complaint.due_on.is_not(None),
        "soon": Complaint.due_on.between(today, today + SOON),
        "overdue": Complaint.due_on < today,
        "all": true(),
    }
    found: ColumnElement[bool] = conditions[view]
    return found


def _key(args: MultiDict[str, str]) -> tuple[date, int] | None:
    fits = _KEY.fullmatch(args.get("from", ""))
    try:
        return (date.fromisoformat(fits[1]), int(fits[2])) if fits else None
    except ValueError:
        return None
