"""Getting to know a project (rules S3, S9, S10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.domain import companies, divisions, routing
from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.models.project import Project
from portal.models.search import grams
from portal.models.words import Sector, Undertaking


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What is said about a project by whoever names it first."""

    number: str
    name: str
    area_code: str
    township: str = ""
    sector: Sector = Sector.HOUSING
    undertaking: Undertaking = Undertaking.GENERAL
    owner_name: str = ""
    owner_code: str = ""
    accepted_on: date | None = None


def known(number: str) -> Project | None:
    """The project with this number, if the portal holds it."""
    return db.session.scalar(select(Project).where(Project.number == number))


def register(facts: ProjectFacts, *, now: datetime) -> Project:
    """Take up a project the portal does not hold yet, under the bureau of its locality (rule S3).

    Raises RuleViolation if the locality cannot be told.
    """
    if not facts.name:
        raise RuleViolation("请填写项目名称", rule="S10", field="project_name")
    bureau = routing.locality_bureau(facts.area_code, facts.township)
    project = Project(
        number=facts.number,
        name=facts.name,
        area_code=divisions.current_code(facts.area_code),
        township=facts.township,
        bureau=bureau,
        sector=facts.sector,
        undertaking=facts.undertaking,
        owner_name=facts.owner_name,
        owner_code=facts.owner_code,
        accepted_on=facts.accepted_on,
        created_at=now,
        grams=grams(facts.name, facts.number, facts.owner_name, facts.owner_code),
    )
    db.session.add(project)
    db.session.flush()
    companies.note(project, [(facts.owner_code, facts.owner_name, companies.OWNER)])
    return project
