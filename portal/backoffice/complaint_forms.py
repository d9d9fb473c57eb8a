"""The small forms of a complaint, all on its page: each checks shape, the verb behind it checks rules."""

from __future__ import annotations

from itertools import chain
from typing import Any

from flask import request
from flask_wtf.file import MultipleFileField
from sqlalchemy import select
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.backoffice.forms import explained
from portal.domain import texts
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint
from portal.models.words import ComplaintFinding
from portal.web import uploads
from portal.web.forms import Form, choices

OUTSIDE = "outside"
"""Passed on to somebody who is not in this portal."""


class ComplaintForm(Form):
    """What one act asks."""

    def said(self) -> tuple[Any, ...]:
        """What its verb is told besides complaint, actor and time, in the order it takes it."""
        return tuple(field.data for field in self if field.type != "CSRFTokenField")


class RegistrationForm(ComplaintForm):
    """Entered in the register."""


class AcceptanceForm(ComplaintForm):
    """Accepted: the limit for the answer begins."""


class RefusalForm(ComplaintForm):
    """Not accepted (rule C3)."""

    reason = explained("不予受理的理由（将告知提交人）", "请写明不予受理的理由")


class TransferForm(ComplaintForm):
    """Passed on (rule C3)."""

    to = SelectField("转给", validators=[InputRequired("请选择转给哪个单位")])
    reason = explained("转送的理由（将告知提交人）", "请写明转给谁、为什么")

    def offer(self, complaint: Complaint) -> None:
        """Name the bureaus it may go to: not the one it lies at, and none in the chain complained about (rule C2)."""
        bureaus = db.session.scalars(select(Bureau).order_by(Bureau.sort, Bureau.id)).all()
        areas = {bureau.path: bureau.area_name for bureau in bureaus}
        groups: dict[str, list[SelectChoice]] = {}
        for bureau in bureaus:
            # /1/ is the province, /1/5/ a city, /1/5/23/ a county of it
            city = "/".join(bureau.path.split("/")[:3]) + "/"
            area = areas.get(city, bureau.area_name)
            accused = complaint.against is not None and bureau.path.startswith(complaint.against.path)
            if bureau.id != complaint.bureau_id and not accused:
                groups.setdefault(area, []).append(SelectChoice(bureau.code, bureau.name, optgroup=area))
        outside = SelectChoice(OUTSIDE, "本平台以外的单位（在理由中写明）")
        self.to.choices = [SelectChoice("", "请选择"), outside, *chain(*groups.values())]

    def said(self) -> tuple[Any, ...]:
        """The bureau, or None for somebody outside, and why."""
        return db.session.scalar(select(Bureau).where(Bureau.code == self.to.data)), self.reason.data


class ExtensionForm(ComplaintForm):
    """The limit for the answer, extended once (rule C3)."""

    reason = explained("延长的理由（将告知提交人）", "请写明延长的理由")


class ConclusionForm(ComplaintForm):
    """The end of a round (rule C4)."""

    finding = RadioField("调查结论", choices=choices(ComplaintFinding), validators=[InputRequired("请选择调查结论")])
    outcome = explained("答复（将告知提交人）", "请写明核查的事实、意见和依据", texts.OUTCOME)

    def said(self) -> tuple[Any, ...]:
        """The finding and the answer."""
        return ComplaintFinding(self.finding.data), self.outcome.data


class RecusalForm(ComplaintForm):
    """回避 (rule C2)."""

    reason = explained("回避的理由", "请写明回避的理由")


class MessageForm(ComplaintForm):
    """What the office writes to the filer."""

    text = explained("留言", "请写下要说的话", texts.MESSAGE)
    files = MultipleFileField("附件")

    def said(self) -> tuple[Any, ...]:
        """The text and its files, which are stored now. Raises RuleViolation for a file that is refused."""
        return self.text.data, uploads.store(request.files.getlist(self.files.name))


FORMS: dict[str, type[ComplaintForm]] = {
    "registration": RegistrationForm,
    "acceptance": AcceptanceForm,
    "refusal": RefusalForm,
    "transfer": TransferForm,
    "extension": ExtensionForm,
    "conclusion": ConclusionForm,
    "recusal": RecusalForm,
    "messages": MessageForm,
}
"""By the last word of the address each is sent to."""


def sent(key: str, complaint: Complaint) -> ComplaintForm:
    """The form of one act as the request sent it. Each has a prefix of its own: several stand on one page."""
    form = FORMS[key](prefix=key)
    if isinstance(form, TransferForm):
        form.offer(complaint)
    return form


def blank(key: str, complaint: Complaint) -> ComplaintForm:
    """The form of one act before anybody wrote in it."""
    form = FORMS[key](formdata=None, prefix=key)
    if isinstance(form, TransferForm):
        form.offer(complaint)
    return form
