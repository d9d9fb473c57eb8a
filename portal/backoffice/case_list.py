"""Which cases a list shows: the filters of the address as a query, always within the actor's bureau (rule A5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.bureau import Bureau, bureaus_within
from portal.models.project import Project
from portal.models.search import matching
from portal.models.words import Kind, Route, Section, Status, Subject, Word
from portal.web.pages import typed

WORDS: dict[str, type[Word]] = {"status": Status, "kind": Kind, "subject": Subject, "section": Section, "route": Route}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; whatever is no known choice is left out."""

    q: str
    bureau: str
    words: dict[str, str]

    @property
    def any(self) -> bool:
        """True if the list is narrowed at all."""
        return bool(self.q or self.bureau or any(self.words.values()))


def filters(args: MultiDict[str, str]) -> Filters:
    """The filters of an address."""
    known = {name: {word.value for word in words} for name, words in WORDS.items()}
    chosen = {name: args.get(name, "") if args.get(name, "") in known[name] else "" for name in WORDS}
    return Filters(typed(args.get("q")), typed(args.get("bureau"), 12), chosen)


def bureaus(path: str) -> list[Any]:
    """Code and name of the actor's bureau and of those below, for the filter; empty if there are none below."""
    query = select(Bureau.code, Bureau.area_name, Bureau.path).where(Bureau.id.in_(bureaus_within(path)))
    rows = list(db.session.execute(query.order_by(Bureau.sort)).all())
    return rows if len(rows) > 1 else []


def rows(said: Filters, path: str, below: list[Any]) -> Any:
    """The columns the list shows, for the cases `said` asks for. below: what `bureaus` gave for `path`."""
    query: Any = (
        select(
            Application.id,
            Application.number,
            Application.kind,
            Application.subject,
            Application.route,
            Application.status,
            Application.applicant_name,
            Application.received_at,
            Project.name.label("project_name"),
            Bureau.area_name.label("bureau_name"),
        )
        .join(Project, Application.project_id == Project.id)
        .join(Bureau, Application.bureau_id == Bureau.id)
        .where(Application.bureau_id.in_(bureaus_within(_narrowed(said.bureau, path, below))))
    )
    for name in ("status", "kind", "subject", "route"):
        if said.words[name]:
            query = query.where(getattr(Application, name) == WORDS[name](said.words[name]))
    if said.words["section"]:
        section = Section(said.words["section"])
        query = query.where(
            exists().where(ApplicationChange.application_id == Application.id, ApplicationChange.section == section)
        )
    return query.where(_about(said.q)) if said.q else query


def _narrowed(code: str, path: str, below: list[Any]) -> str:
    """The path of the bureau asked for, if it is the actor's or below; otherwise the actor's own."""
    return next((str(row.path) for row in below if row.code == code), path)


def _about(q: str) -> Any:
    """Cases whose number or applicant begins so, or whose project matches."""
    known = [
        Application.number.startswith(q.upper(), autoescape=True),
        Application.applicant_name.contains(q, autoescape=True),
    ]
    wanted = matching(Project, q)
    return or_(*known, wanted) if wanted is not None else or_(*known)
