"""The small forms of a case, all on its page: each checks shape, the verb behind it checks rules."""

from __future__ import annotations

from flask_wtf.file import MultipleFileField
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from portal.backoffice.forms import explained
from portal.domain import texts
from portal.models.words import Disposition, Finding, Matter, VerificationMethod
from portal.web.forms import Form, choices


class CaseForm(Form):
    """`seen` is the last line of the history its page showed: what came later is told to whoever comes second."""

    seen = HiddenField()


class VerificationForm(CaseForm):
    """One act of fact-finding (rule V3)."""

    method = SelectField(
        "核实方式",
        choices=choices(VerificationMethod),
        validators=[InputRequired("请选择核实方式")],
    )
    matter = SelectField("核实事项", choices=choices(Matter), validators=[InputRequired("请选择核实事项")])
    day = DateField("核实日期", validators=[InputRequired("请填写核实日期，如2026-10-13")])
    persons = StringField(
        "核实人员", validators=[InputRequired("请填写核实人员"), Length(max=200, message="不超过200字")]
    )
    finding = RadioField("核实结论", choices=choices(Finding), validators=[InputRequired("请选择核实结论")])
    note = explained("核实情况", "请写明核实情况", texts.OPINION)
    files = MultipleFileField("佐证资料")


class ConfirmationForm(CaseForm):
    """Verified as true."""


class RejectionForm(CaseForm):
    """Untrue (rule V5)."""

    reason = explained("不予办理的理由", "请写明不予办理的理由")


class PublicationForm(CaseForm):
    """Put on notice. `copies` tells which public copies its page showed (rule N1)."""

    copies = HiddenField()


class RetractionForm(CaseForm):
    """Take a notice back (rule N2)."""

    reason = explained("撤回理由（将公开）", "请写明撤回公示的理由")


class RulingForm(CaseForm):
    """One ground's disposition (rule O5)."""

    disposition = RadioField("裁定", choices=choices(Disposition), validators=[InputRequired("请选择成立或不成立")])
    reason = explained("裁定理由（将答复异议人）", "请写明裁定理由")


class DecisionForm(CaseForm):
    """The end of a contested case, or an online change (rules O6, S4)."""

    reason = explained("办理意见", "请写明办理意见")


FORMS: dict[str, type[CaseForm]] = {
    "verification": VerificationForm,
    "confirmation": ConfirmationForm,
    "rejection": RejectionForm,
    "notice": PublicationForm,
    "retraction": RetractionForm,
    "conclusion": DecisionForm,
    "online-change": DecisionForm,
}
"""By the last word of the address each is sent to."""


def sent(key: str) -> CaseForm:
    """The form of one act as the request sent it. Each has a prefix of its own: several stand on one page."""
    return FORMS[key](prefix=key)


def blank(key: str, **values: object) -> CaseForm:
    """The form of one act before anybody wrote in it."""
    return FORMS[key](formdata=None, prefix=key, data=values)


def ruling_form(ground_id: int, *, was_sent: bool) -> RulingForm:
    """The form that rules on one ground."""
    prefix = f"ground-{ground_id}"
    return RulingForm(prefix=prefix) if was_sent else RulingForm(formdata=None, prefix=prefix)
