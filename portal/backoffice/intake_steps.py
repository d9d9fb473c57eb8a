"""Taking in at the desk: project, what is asked for, and then, with route and gate told, the form (rules S4, S5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Response
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.backoffice import intake_form
from portal.backoffice.intake_form import IntakeForm, Written
from portal.domain import cleaning, divisions, identifiers, intake, policy, projects, records, routing
from portal.domain.actor import Actor
from portal.domain.errors import RuleViolation, Stale
from portal.domain.intake import ChangeRequest
from portal.domain.routing import Gate, GateAnswer
from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.policy import PolicyException
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Channel, Kind, Origin, Route, Section
from portal.web.access import actor
from portal.web.pages import page, typed


@dataclass(slots=True)
class Steps:
    """How far intake has come. `refused` says why it goes no further: words, and the field they belong to."""

    typed: dict[str, str]
    number: str = ""
    project: Project | None = None
    is_new: bool = False
    area: str = ""
    entries: list[RecordEntry] = field(default_factory=list)
    kind: Kind | None = None
    section: Section | None = None
    entry: RecordEntry | None = None
    entry_number: str = ""
    origin: Origin | None = None
    accepted_on: date | None = None
    route: Route | None = None
    gate: GateAnswer | None = None
    errors: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    running: str = ""
    """Number of the case that changes the entry already."""

    @property
    def settled(self) -> tuple[Kind, Section, Origin]:
        """Kind, section and origin, once the second step is done. Raises LookupError before."""
        if self.kind is None or self.section is None or self.origin is None:
            raise LookupError("the second step is not done")
        return self.kind, self.section, self.origin


FIELDS = ("project", "kind", "entry", "section", "origin", "number", "accepted")


def read(args: Mapping[str, str]) -> Steps:
    """The steps as far as the address or the form has them."""
    steps = Steps({name: typed(args.get(name), 120) for name in FIELDS})
    if steps.typed["project"] and _find_project(steps) and _read_kind(steps) and _read_section(steps):
        _judge(steps)
    return steps


def form_for(steps: Steps) -> IntakeForm | None:
    """The long form, once everything before it is settled."""
    if steps.route is None or steps.refused or steps.running or steps.kind is None or steps.section is None:
        return None
    return intake_form.build(
        steps.kind, steps.section, steps.entry, new_project_area=steps.area if steps.is_new else None
    )


def check(steps: Steps, form: IntakeForm) -> Written | None:
    """What the form holds, or None if something is wrong with it."""
    kind, section, _ = steps.settled
    return intake_form.check(
        form,
        kind,
        section,
        steps.entry,
        number=steps.number,
        accepted_on=steps.accepted_on,
        others=steps.entries,
    )


def show(steps: Steps, *, form: IntakeForm | None = None, status: int = 200) -> Response:
    """The page of the step reached."""
    if status == 200 and (steps.errors or steps.refused):
        status = 422
    return page(
        "backoffice/applications/new.html",
        status=status,
        steps=steps,
        form=form or form_for(steps),
        kinds=[Kind.SUPPLEMENT] if steps.is_new else list(Kind),
        sections=list(Section),
        origins=list(Origin),
        system=policy.value("drawing_review.address", clock.today())
        if steps.route is Route.DRAWING_REVIEW_SYSTEM
        else "",
    )


def receive(steps: Steps, written: Written, *, channel: Channel, actor: Actor, now: datetime) -> Application:
    """Hand what was written to the verb; a project nobody knew is registered first. Raises RuleViolation."""
    kind, section, origin = steps.settled
    project = projects.known(steps.number) or _register(written, now)
    request = ChangeRequest(section, steps.entry_number, origin, written.content)
    return intake.receive(
        kind,
        project,
        [request],
        written.applicant,
        channel=channel,
        actor=actor,
        now=now,
        reason=written.reason,
        target_level=written.target_level,
    )


def _register(written: Written, now: datetime) -> Project:
    if written.project is None:
        raise Stale("这个项目的登记情况刚刚有变化，请重新选择项目")
    try:
        with db.session.begin_nested():
            return projects.register(written.project, now=now)
    except IntegrityError:
        raise Stale("这个项目刚刚由他人登记，请重新选择项目") from None


def _find_project(steps: Steps) -> bool:
    """Step 1. A project handled elsewhere, known or not, is refused in the same words (rules S3, A5)."""
    cleaned = identifiers.check_project_number(steps.typed["project"])
    if cleaned.value is None:
        steps.errors["project"] = next((problem.message for problem in cleaned.problems), "请填写项目编号")
        return False
    steps.number = cleaned.value
    steps.project = projects.known(steps.number)
    steps.area = identifiers.area_of(steps.number) or ""
    if steps.project is None:
        steps.is_new = True
        mine = _locality(steps.area) in (None, actor().bureau_code)
    else:
        mine = steps.project.bureau_id == actor().bureau_id
        query = select(RecordEntry).where(RecordEntry.project_id == steps.project.id)
        steps.entries = list(db.session.scalars(query.order_by(RecordEntry.number))) if mine else []
        steps.entries.sort(key=lambda entry: list(Section).index(entry.section))
        steps.accepted_on = steps.project.accepted_on
    if not mine:
        steps.project, steps.is_new = None, False
        steps.errors["project"] = "这个项目不在本单位的收件范围：申请由项目属地的住建部门收件，请核对项目编号"
        return False
    return True


def _locality(area: str) -> str | None:
    """Code of the bureau for an area, or None where the code alone does not tell (then it is asked for)."""
    try:
        return divisions.bureau_code(area) if area else None
    except RuleViolation:
        return None


def _read_kind(steps: Steps) -> bool:
    """Step 2a."""
    if steps.typed["kind"] not in {kind.value for kind in Kind}:
        return False
    steps.kind = Kind(steps.typed["kind"])
    if steps.is_new and steps.kind is not Kind.SUPPLEMENT:
        steps.refused = f"档案中没有这个项目，只能补录，不能{steps.kind.label}；请核对项目编号"
        return False
    return True


def _read_section(steps: Steps) -> bool:
    """Step 2b: an entry on file, or for a supplement section, origin and number of the new one."""
    typed = steps.typed
    if steps.kind is not Kind.SUPPLEMENT:
        if not typed["entry"]:
            return False
        steps.entry = next((entry for entry in steps.entries if str(entry.id) == typed["entry"]), None)
        if steps.entry is None:
            steps.errors["entry"] = "请从列表中选择一个环节"
            return False
        steps.section, steps.origin, steps.entry_number = steps.entry.section, steps.entry.origin, steps.entry.number
        return True
    if not typed["section"]:
        return False
    if typed["section"] not in {section.value for section in Section}:
        steps.errors["section"] = "请选择要补录的环节"
    if typed["origin"] not in {origin.value for origin in Origin}:
        steps.errors["origin"] = "请选择办理方式"
    number = identifiers.check_node_number(typed["number"], steps.number)
    if number.value is None:
        steps.errors["number"] = next((problem.message for problem in number.problems), "请填写环节编号")
    elif len(number.value) > 80:
        steps.errors["number"] = "环节编号不超过80个字符"
    if steps.is_new and typed["accepted"]:
        accepted = cleaning.clean_date(typed["accepted"])
        steps.accepted_on = accepted.value
        if accepted.value is None:
            steps.errors["accepted"] = next((p.message for p in accepted.problems), "请按2017-05-24的样式填写日期")
    if steps.errors:
        return False
    steps.section, steps.origin = Section(typed["section"]), Origin(typed["origin"])
    steps.entry_number = number.value or ""
    return True


def _judge(steps: Steps) -> None:
    """Route and gate, before anybody writes the long form; and whether another case holds the entry."""
    kind, section, origin = steps.settled
    try:
        steps.route = routing.route(kind, section, origin)
    except RuleViolation as refusal:
        steps.refused = refusal.message
        return
    if kind is Kind.SUPPLEMENT:
        steps.gate = _gate(section, steps.project, steps.accepted_on)
        steps.refused = steps.gate.reason if steps.gate.gate in (Gate.CLOSED, Gate.NEVER) else ""
    if steps.project is not None:
        claim = records.entry_key(steps.project, section, steps.entry_number)
        holder = select(Application.number).join(ApplicationChange).where(ApplicationChange.claim == claim)
        steps.running = db.session.scalar(holder) or ""


def _gate(section: Section, project: Project | None, accepted_on: date | None) -> GateAnswer:
    """What the gate will say; if a date is missing but none could open it any more, that is said at once (rule S5)."""
    today = clock.today()
    answer = routing.supplement_gate(section, None, accepted_on, today)
    if answer.gate is Gate.UNDECIDABLE:
        latest = policy.day("supplement.section_before", today) - timedelta(days=1)
        at_best = routing.supplement_gate(section, latest, accepted_on, today)
        answer = at_best if at_best.gate is Gate.CLOSED else answer
    if answer.gate is Gate.CLOSED and project is not None:
        query = select(PolicyException.id).where(
            PolicyException.project_id == project.id,
            PolicyException.section == section,
            PolicyException.confirmed_by.is_not(None),
        )
        if db.session.scalar(query.limit(1)) is not None:
            return GateAnswer(Gate.OPEN, "补录期限已过，省厅已批准例外，可以补录")
    return answer
