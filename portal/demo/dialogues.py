"""What the public did in the demo before a newcomer opens it: complaints, an online application that lacks something,
an objection whose answer is looked at again, a deleted entry and a circular; with receipts to try.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.demo import papers, staff
from portal.demo.steps import Event, done, on
from portal.domain import (
    circulars,
    complaint_handling,
    complaints,
    decisions,
    deficiencies,
    deletions,
    dialogue,
    filings,
    objections,
    online_intake,
    projects,
    receipts,
    rechecks,
)
from portal.domain.actor import PUBLIC
from portal.domain.complaint_routing import Subject
from portal.domain.filings import Identity
from portal.domain.intake import Applicant, ChangeRequest, Papers
from portal.extensions import db
from portal.models.application import ApplicationReceipt
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.record import RecordEntry
from portal.models.words import (
    ComplaintFinding,
    ComplaintMatter,
    ComplaintTarget,
    Disposition,
    IdentityMode,
    Kind,
    Purpose,
    Section,
)

ONLINE = "4305221008190042"
"""The project of the online application."""
DELETED = ("4310221804250051", Section.ACCEPTANCE_FILING)
Receipts = dict[str, tuple[str, str]]


class Dialogues:
    """The stories, told by one after the other; `receipts` fills with what a newcomer can type at 进度查询."""

    def __init__(self) -> None:
        self.receipts: Receipts = {}

    def events(self) -> list[Event]:
        """Everything that happens, with its instant."""
        return [
            (on(8, hour=14), self._report_false_record),
            (on(9, hour=14), self._take_false_record),
            (on(18, hour=14), self._answer_false_record),
            (on(21, hour=8), self._report_delay),
            (on(22, hour=8), self._take_delay),
            (on(16, hour=14), self._apply_online),
            (on(18, hour=15), self._tell_what_is_missing),
            (on(22, hour=10), self._delete_entry),
            (on(22, hour=11), self._publish_circular),
        ]

    def contest(self, notice_id: int, when: datetime) -> None:
        """Somebody objects, and asks something in the dialogue."""
        token = done(lambda: filings.begin(notice_id, now=when))
        grounds = [filings.Ground("申请修正的总面积与竣工图不符，请核对竣工图和规划验收意见")]
        done(
            lambda: objections.file(
                notice_id, token, grounds, filings.ANONYMOUS, arrived_at=when, actor=PUBLIC, now=when
            )
        )
        self._keep("异议（已答复，正在复核）", token, Objection)
        question = "请问能否告知竣工图存放在哪个单位，我可以提供复印件。"
        done(lambda: dialogue.say(self._objection(notice_id), question, now=when))

    def answer(self, notice_id: int, when: datetime) -> None:
        """The office answers the question, and every ground; the approval waits."""
        decider = staff.named("xinshao.shenhe")
        told = "竣工图存放在县城建档案馆，本局已经调阅。您有复印件的，可以在本页补充上传。"
        done(lambda: dialogue.answer(self._objection(notice_id), told, actor=decider, now=when))
        why = "经调阅县城建档案馆竣工图原件，申请修正的总面积与竣工图一致，异议不成立"
        for ground in self._objection(notice_id).grounds:
            done(
                lambda ground=ground: objections.rule_on_ground(  # type: ignore[misc]
                    ground, Disposition.DISMISSED, why, actor=decider, now=when
                )
            )
        case = db.session.get_one(Notice, notice_id).application
        done(lambda: decisions.conclude_contested(case, why, actor=decider, now=when))

    def ask_again(self, notice_id: int, when: datetime) -> None:
        """The objector asks the city to look again (rule O7)."""
        why = "竣工图有两个版本，答复没有说明依据的是哪一版"
        done(lambda: rechecks.ask(self._objection(notice_id), why, arrived_at=when, now=when))

    def _report_false_record(self, when: datetime) -> None:
        project = projects.known("4305221008190043")
        assert project is not None
        text = "该项目档案中的合同金额与当年公开的中标结果相差很大，现场施工单位也不是档案中的单位，请核查。"
        subject = Subject(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, project_id=project.id)
        self._complain("投诉举报（已答复，可以评价）", subject, text, filings.ANONYMOUS, when)

    def _take_false_record(self, when: datetime) -> None:
        filed, officer = self._complaint("投诉举报（已答复，可以评价）"), staff.named("xinshao.tousu")
        done(lambda: complaint_handling.register(filed, actor=officer, now=when))
        done(lambda: complaint_handling.accept(filed, actor=officer, now=when))
        question = "请问您说的现场情况是什么时间看到的？如有照片，可以在本页上传。"
        done(lambda: dialogue.answer(filed, question, actor=officer, now=when))

    def _answer_false_record(self, when: datetime) -> None:
        filed, officer = self._complaint("投诉举报（已答复，可以评价）"), staff.named("xinshao.tousu")
        done(lambda: dialogue.say(filed, "是2010年11月看到的，没有照片。", now=when))
        outcome = (
            "经调阅中标通知书、施工合同原件并走访建设单位：合同金额含补充协议，与中标金额不同有依据；"
            "施工单位名称后来变更，档案未同步，已通知建设单位申请修正。"
        )
        done(lambda: complaint_handling.conclude(filed, ComplaintFinding.PARTLY, outcome, actor=officer, now=when))

    def _report_delay(self, when: datetime) -> None:
        bureau = db.session.scalars(select(Bureau).where(Bureau.code == staff.COUNTY)).one()
        text = "申请交上去两个多月没有任何答复，打电话也说不清楚办到哪一步，请督促办理。"
        subject = Subject(ComplaintMatter.DELAY, ComplaintTarget.BUREAU, place_id=bureau.id)
        who = Identity(IdentityMode.CONFIDENTIAL, {"name": "演示人乙", "phone": "0731-00000000"})
        self._complain("投诉举报（市局办理中）", subject, text, who, when)

    def _take_delay(self, when: datetime) -> None:
        filed, officer = self._complaint("投诉举报（市局办理中）"), staff.named("shaoyang.tousu")
        done(lambda: complaint_handling.register(filed, actor=officer, now=when))
        done(lambda: complaint_handling.accept(filed, actor=officer, now=when))

    def _apply_online(self, when: datetime) -> None:
        project = projects.known(ONLINE)
        assert project is not None
        entry = _entry(ONLINE, Section.ACCEPTANCE_FILING)
        content = {**entry.content, "cost": "498.20"}
        token = done(lambda: online_intake.begin({}, now=when))
        request = ChangeRequest(entry.section, entry.number, entry.origin, content)
        applicant = Applicant(
            project.owner_name or "新邵县城市建设投资有限公司",
            contact={"name": "演示人", "phone": "13800000000", "email": "shenqing@example.org"},
        )
        scan = papers.stamped_application()
        done(
            lambda: online_intake.file(
                token, Kind.CORRECTION, project, [request], applicant, Papers([scan]), arrived_at=when, now=when,
                reason="实际造价应以审计结论为准",
            )
        )  # fmt: skip
        self._keep("网上申请（等您补正）", token, ApplicationReceipt)

    def _tell_what_is_missing(self, when: datetime) -> None:
        receipt = _by_number(ApplicationReceipt, self.receipts["网上申请（等您补正）"][0])
        notes = {"paper/why_wrong": "请补充审计报告，能看出审定造价"}
        clerk = staff.named("xinshao.shoujian")
        done(lambda: deficiencies.draw_up(receipt.cases[0], notes, actor=clerk, now=when))

    def _delete_entry(self, when: datetime) -> None:
        reason = "经核查，该工程未办理竣工验收备案，档案中的备案信息没有依据，据实删除"
        decider = staff.named("hunan.shenhe")
        done(lambda: deletions.delete_entry(_entry(*DELETED), reason, actor=decider, now=when))

    def _publish_circular(self, when: datetime) -> None:
        done(
            lambda: circulars.publish(
                "关于一起工程项目业绩信息不实情况的通报（演示）",
                "近期随机抽查发现，宜章县一工程项目档案中的竣工验收备案信息没有依据，已据实删除。\n\n"
                "各市州、县市区住房城乡建设部门要引以为戒，认真核实申请材料，严格履行公示程序。",
                ["演示市住房和城乡建设局"],
                actor=staff.named("hunan.shenhe"),
                now=when,
            )
        )

    def _complain(self, name: str, subject: Subject, text: str, who: Identity, when: datetime) -> None:
        token = done(lambda: filings.begin_other(Purpose.COMPLAINT, now=when))
        done(lambda: complaints.file(token, subject, text, (), who, arrived_at=when, actor=PUBLIC, now=when))
        self._keep(name, token, Complaint)

    def _complaint(self, name: str) -> Complaint:
        return _by_number(Complaint, self.receipts[name][0])

    def _objection(self, notice_id: int) -> Objection:
        return db.session.scalars(select(Objection).where(Objection.notice_id == notice_id)).one()

    def _keep(self, name: str, token: str, kind: Any) -> None:
        hashed = receipts.token_hash(token)
        if kind is ApplicationReceipt:
            query = select(ApplicationReceipt.number).where(ApplicationReceipt.token_hash == hashed)
        else:
            query = select(kind.number).join(IntakeTicket, kind.ticket_id == IntakeTicket.id)
            query = query.where(IntakeTicket.token_hash == hashed)
        self.receipts[name] = (db.session.execute(query).scalar_one(), receipts.code_for(token))


def _by_number(kind: Any, number: str) -> Any:
    return db.session.scalars(select(kind).filter_by(number=number)).one()


def _entry(project: str, section: Section) -> RecordEntry:
    known = projects.known(project)
    assert known is not None
    query = select(RecordEntry).where(RecordEntry.project_id == known.id, RecordEntry.section == section)
    return db.session.scalars(query.order_by(RecordEntry.id)).one()
