"""Who handles a complaint: never who is complained about, nor anybody below him (rule C2)."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.complaint import handler_name
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import ComplaintMatter, ComplaintTarget


@dataclass(frozen=True, slots=True)
class Subject:
    """What a complaint is about. Of the ids only the one that belongs to `target` is set.

    place_id: the bureau where it happened, for a company or something described; for BUREAU and PERSON the bureau
    complained about.
    """

    matter: ComplaintMatter
    target: ComplaintTarget
    notice_id: int | None = None
    project_id: int | None = None
    company: str = ""
    place_id: int | None = None
    described: str = ""


@dataclass(frozen=True, slots=True)
class Handler:
    """A bureau that handles complaints, or its discipline office."""

    bureau: Bureau
    by_discipline: bool = False

    @property
    def name(self) -> str:
        """As the filer reads it."""
        return handler_name(self.bureau, by_discipline=self.by_discipline)


@dataclass(frozen=True, slots=True)
class Routing:
    """Who handles it, and which bureau is complained about: it learns nothing of it."""

    handler: Handler
    against: Bureau | None = None


def route(subject: Subject) -> Routing:
    """Who handles a complaint about `subject` (rule C2).

    The bureau of the matter; where that bureau is itself complained about, the tier above it; above the province, its
    discipline office. Raises RuleViolation where it is not said what it is about.
    """
    bureau = _bureau_of(subject)
    if not is_against_bureau(subject):
        return Routing(Handler(bureau))
    above_ = above(Handler(bureau))
    assert above_ is not None  # a bureau's own desk has the tier above it, or the discipline office
    return Routing(above_, against=bureau)


def is_against_bureau(subject: Subject) -> bool:
    """Whether the bureau of the matter is complained about, by what is complained of or by the target itself."""
    accused = (ComplaintTarget.NOTICE, ComplaintTarget.BUREAU, ComplaintTarget.PERSON)
    return subject.target in accused or subject.matter.is_about_the_office


def above(handler: Handler) -> Handler | None:
    """One tier up; above the province its discipline office, above that nobody of this portal."""
    if handler.by_discipline:
        return None
    parent = handler.bureau.parent
    return Handler(parent) if parent is not None else Handler(handler.bureau, by_discipline=True)


def check_passing_on(against: Bureau | None, to: Bureau) -> None:
    """Raise RuleViolation if a complaint would come to the bureau complained about, or to one below it (rule C2)."""
    if against is not None and to.path.startswith(against.path):
        raise RuleViolation(f"不能转给被反映的{against.name}及其下级", rule="C2", field="to")


def _bureau_of(subject: Subject) -> Bureau:
    """The bureau of the matter."""
    if subject.target is ComplaintTarget.NOTICE and subject.notice_id is not None:
        return db.session.get_one(Notice, subject.notice_id).bureau
    if subject.target is ComplaintTarget.PROJECT and subject.project_id is not None:
        return db.session.get_one(Project, subject.project_id).bureau
    place = db.session.get(Bureau, subject.place_id) if subject.place_id is not None else None
    if place is None:
        asked = "请选择是哪个部门" if is_against_bureau(subject) else "请选择事情发生在哪里，以便转给当地住建部门"
        raise RuleViolation(asked, rule="C2", field="place")
    return place
