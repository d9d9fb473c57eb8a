"""What happened in the demo before a newcomer opens it, told day by day, through the verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from jobs import close_windows, import_rows
from portal.clock import BEIJING
from portal.demo import papers, sightings, staff
from portal.demo.cases import CASES, OBJECTIONS, Case
from portal.demo.dialogues import Dialogues, Receipts
from portal.demo.steps import Event, done, on
from portal.domain import (
    filings,
    imports,
    intake,
    notices,
    objections,
    projects,
    public_copies,
    sections,
    verifications,
)
from portal.domain.actor import PUBLIC, Actor
from portal.domain.filings import Ground
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.spreadsheets import Template
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.import_batch import ImportBatch
from portal.models.notice import Notice
from portal.models.record import RecordEntry
from portal.models.words import (
    Channel,
    DataLevel,
    Finding,
    Kind,
    Matter,
    VerificationMethod,
)

RECORDS = Path(__file__).with_name("records.csv")
START = datetime(2026, 9, 24, 12, 0, tzinfo=BEIJING)
"""The demo's own present: noon of the last working day before a holiday that make-up days surround, so that windows
have something to explain.
"""


def load(*, progress: Callable[[str], None] = lambda _text: None) -> Receipts:
    """Fill an empty, migrated database with the demo. `progress` is told what is being done.

    Returns receipts to try: what each is about, to its number and code.
    """
    progress("导入存量业绩档案")
    _describe_bureaus()
    staff.open_accounts(on(1))
    _import_records(on(1))
    progress("办理演示案件")
    dialogues = Dialogues()
    events = sorted([*_events(dialogues), *dialogues.events(), *sightings.events()], key=lambda event: event[0])
    if events[-1][0] > START:
        raise ValueError("something of the demo would lie in its future")
    for when, act in events:
        close_windows.run(now=when)
        act(when)
    close_windows.run(now=START)
    return dialogues.receipts


def _events(dialogues: Dialogues) -> list[Event]:
    """Everything that happens, with its instant; cases of one day in the order of the table."""
    found: list[Event] = []
    for number, case in enumerate(CASES):
        story = _Story(case, dialogues)
        minute = timedelta(minutes=number)
        found.append((on(case.received) + minute, story.receive))
        if case.until == "received":
            continue
        handled = on(case.published or case.received, hour=10) + minute
        found.append((handled, story.verify))
        if case.published:
            found.append((handled + timedelta(hours=1), story.publish))
        if case.until == "republished":
            found.append((on(21, hour=11), story.republish))
        objection = OBJECTIONS.get((case.project, case.section))
        if objection:
            found.append((on(objection[0], hour=15), story.object))
        if case.until == "rechecked":
            found += [(on(8, hour=15), story.contest), (on(11, hour=15), story.answer), (on(15), story.ask_again)]
    found.append((on(22, hour=16), _complain_late))
    return found


class _Story:
    """One case as it goes through the verbs."""

    def __init__(self, case: Case, dialogues: Dialogues) -> None:
        self.case = case
        self.dialogues = dialogues
        self.application_id = 0
        self.notice_id = 0

    def receive(self, when: datetime) -> None:
        case = self.case

        def act() -> Application:
            project = projects.known(case.project)
            if project is None:
                raise LookupError(case.project)
            entry = db.session.scalars(
                select(RecordEntry)
                .where(RecordEntry.project_id == project.id, RecordEntry.section == case.section)
                .order_by(RecordEntry.id)
            ).first()
            if entry is None:
                raise LookupError(f"{case.project} {case.section}")
            content, problems = sections.parse(case.section, {**entry.content, **case.edits}, missing="warning")
            if any(problem.severity == "error" for problem in problems):
                raise ValueError(problems)
            request = ChangeRequest(case.section, entry.number, entry.origin, content)
            return intake.receive(
                case.kind,
                project,
                [request],
                Applicant(
                    project.owner_name or f"{project.bureau.area_name}城市建设投资有限公司",
                    contact={"email": "shenqing@example.org"},
                ),
                channel=Channel.CLERK,
                reason=case.reason,
                target_level=DataLevel.A if case.kind is Kind.LEVEL_UPGRADE else None,
                actor=self._hands(project.bureau.code, when),
                now=when,
            )

        self.application_id = done(act).id

    def verify(self, when: datetime) -> None:
        false = self.case.until == "falsified"
        application = self._application()
        actor = self._hands(application.bureau.code, when, "heshi")
        matters = [Matter.CONTENT]
        if not application.project.sector.is_housing_or_municipal:
            matters += verifications.OWED_OUTSIDE_HOUSING
        for matter in matters:
            done(
                lambda matter=matter: verifications.record(  # type: ignore[misc]
                    self._application(),
                    method=VerificationMethod.ARCHIVE_CHECK
                    if matter is Matter.CONTENT
                    else VerificationMethod.DATA_SHARING,
                    matter=matter,
                    day=when.date(),
                    persons="建筑管理股、城建档案馆",
                    finding=Finding.FALSIFIED if false else Finding.TRUE,
                    note="档案中没有所述面积的依据，提交的图纸系伪造" if false else "已调阅原件，与申请内容一致",
                    files=[papers.award_letter()] if self.case.evidence else [],
                    actor=actor,
                    now=when,
                )
            )
        if false:
            reason = "申请的建筑面积没有依据，提交的图纸系伪造"
            done(lambda: verifications.reject_untrue(self._application(), reason, actor=actor, now=when))
        else:
            done(lambda: verifications.confirm_true(self._application(), actor=actor, now=when))

    def publish(self, when: datetime) -> None:
        actor = self._hands(self._application().bureau.code, when, "gongshi")
        if self.case.evidence:
            self._prepare_copy(actor, when)
        self.notice_id = done(lambda: notices.publish(self._application(), actor=actor, now=when)).id

    def _prepare_copy(self, actor: Actor, when: datetime) -> None:
        [original] = public_copies.originals(self._application())
        original_id, copy = original.id, papers.award_letter(redacted=True)
        label = "中标通知书（姓名、身份证号、电话已遮盖）"
        done(lambda: public_copies.prepare(self._application(), original_id, copy, label, actor=actor, now=when))

    def republish(self, when: datetime) -> None:
        actor = self._hands(self._application().bureau.code, when, "gongshi")
        first_id = self.notice_id
        reason = "公示内容中合同编号有误，撤回后重新公示"
        done(lambda: notices.retract(db.session.get_one(Notice, first_id), reason, actor=actor, now=when))
        self.publish(when + timedelta(minutes=5))

    def object(self, when: datetime) -> None:
        _day, texts, identity = OBJECTIONS[self.case.project, self.case.section]
        token = done(lambda: filings.begin(self.notice_id, now=when))
        grounds = [Ground(text) for text in texts]
        done(lambda: objections.file(self.notice_id, token, grounds, identity, arrived_at=when, actor=PUBLIC, now=when))

    def contest(self, when: datetime) -> None:
        self.dialogues.contest(self.notice_id, when)

    def answer(self, when: datetime) -> None:
        self.dialogues.answer(self.notice_id, when)

    def ask_again(self, when: datetime) -> None:
        self.dialogues.ask_again(self.notice_id, when)

    def _application(self) -> Application:
        return db.session.get_one(Application, self.application_id)

    def _hands(self, code: str, when: datetime, duty: str = "shoujian") -> Actor:
        return staff.named(f"xinshao.{duty}") if code == staff.COUNTY else staff.at(code, now=when)


def _complain_late(when: datetime) -> None:
    """Somebody comes too late for an objection: it is kept as a complaint (rule O9)."""
    closed = db.session.scalars(select(Notice).where(Notice.closed_at.is_not(None)).order_by(Notice.id)).first()
    if closed is None:
        return
    notice_id = closed.id
    token = done(lambda: filings.begin(notice_id, now=when))
    grounds = [Ground("公示期间出差在外，回来才看到：中标金额与当年公告不符，请核查")]
    done(
        lambda: objections.file_or_complain(
            notice_id, token, grounds, filings.ANONYMOUS, arrived_at=when, actor=PUBLIC, now=when
        )
    )


def _import_records(when: datetime) -> None:
    """The records come in by the real import: uploaded, checked, started, taken in."""
    data = RECORDS.read_bytes()
    actor = staff.named("hunan.daoru")
    batch_id = done(
        lambda: imports.upload(Template.RECORDS, "存量业绩档案.csv", data, "demo/records", actor=actor, now=when)
    ).id
    import_rows.check(batch_id, data, actor=actor, now=when)
    done(lambda: imports.start(db.session.get_one(ImportBatch, batch_id), actor=actor, now=when))
    import_rows.take_in(batch_id, actor=actor, now=when)


def _describe_bureaus() -> None:
    """Give each bureau an office and a telephone that are recognisably invented."""
    begin_write()
    for bureau in db.session.scalars(select(Bureau)):
        bureau.address = f"{bureau.area_name}（演示地址）人民路1号"
        bureau.telephone = "0731-00000000"
    db.session.commit()
