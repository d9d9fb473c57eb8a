"""The forms of an objection, one for each step, and what the draft says to the verb (rules O2, O3)."""

from __future__ import annotations

from typing import Any

from wtforms import FileField, HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.domain import filings, identifiers, receipts, texts
from portal.domain.attachments import stored
from portal.domain.filings import MOST_GROUNDS, SEAL, UNIT, Ground, Identity
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket
from portal.models.words import IdentityMode
from portal.public.forms import PublicForm
from portal.web.forms import at_most, choices

Draft = dict[str, Any]
NUMERALS = "一二三四五六七八九十"
PERSONAL = ("name", "phone", "code")
"""What an anonymous draft keeps nothing of."""


class IdentityForm(PublicForm):
    """身份方式: a person with name and telephone, a unit with name, code and seal, or nobody."""

    mode = RadioField(
        "您希望怎样提出",
        choices=choices(IdentityMode),
        default=IdentityMode.ANONYMOUS.value,
        validators=[InputRequired("请选择身份方式")],
    )
    kind = RadioField(
        "以谁的名义",
        choices=[SelectChoice("person", "个人"), SelectChoice(UNIT, "单位")],
        default="person",
        validators=[Optional()],
    )
    name = StringField("姓名或单位名称", validators=[Optional(), Length(max=60, message="姓名或单位名称不超过60个字")])
    phone = StringField("联系电话", validators=[Optional(), Length(max=40, message="联系电话不超过40个字符")])
    code = StringField("统一社会信用代码", validators=[Optional(), Length(max=30, message="统一社会信用代码为18位")])
    seal = FileField("加盖公章的说明")


class GroundsForm(PublicForm):
    """理由与证据: the fields ground-0, files-0, … of one ground each."""


for _at in range(MOST_GROUNDS):
    _length = at_most(texts.GROUND, f"第{_at + 1}条理由")
    setattr(GroundsForm, f"ground-{_at}", TextAreaField(f"第{NUMERALS[_at]}条理由", validators=[Optional(), _length]))
    setattr(GroundsForm, f"files-{_at}", MultipleFileField(f"第{NUMERALS[_at]}条理由的证据文件"))


class CheckForm(PublicForm):
    """核对: nothing more to type. `seen` tells which state of the draft was read over."""

    seen = HiddenField()


class CodeForm(PublicForm):
    """回执: the code typed back."""

    code = StringField("再输入一次查询码", validators=[InputRequired("请对照您抄下的内容，输入查询码")])

    def is_right(self, token: str) -> bool:
        """Whether it is the code of this filing; if another was typed, the form says so."""
        right = self.validate() and receipts.tidy(self.code.data) == receipts.tidy(receipts.code_for(token))
        if self.code.data and not right:
            self.code.errors = ["与上面的查询码不一致，请对照检查：没有数字0和1，也没有字母I、L、O"]
        return right


def texts_of(said: Draft) -> list[str]:
    """What the draft says, ground by ground: at least one, and as many as the page last offered."""
    return list(said.get("grounds", [])) or [""]


def grounds_of(ticket: IntakeTicket, said: Draft) -> list[Ground]:
    """The grounds of a draft, blank ones included, with their files."""
    kept, written = filings.kept_files(ticket), texts_of(said)
    count = max(len(written), *(at + 1 for at in kept), 0)
    written += [""] * (count - len(written))
    return [Ground(text, tuple(stored(file) for file in kept.get(at, ()))) for at, text in enumerate(written)]


def identity_of(ticket: IntakeTicket, said: Draft) -> Identity:
    """How the filer wants to be known; nothing personal of an anonymous one goes on."""
    mode = next((each for each in IdentityMode if each.value == said.get("mode")), IdentityMode.ANONYMOUS)
    if mode is IdentityMode.ANONYMOUS:
        return filings.ANONYMOUS
    person = {key: str(said.get(key, "")).strip() for key in ("name", "phone")}
    if said.get("kind") == UNIT:
        written = str(said.get("code", ""))
        person |= {"kind": UNIT, "code": identifiers.check_uscc(written).value or written.strip()}
        if sealed := seal_of(ticket):
            person |= {"seal": sealed.store_key, "seal_type": sealed.media_type, "seal_hash": sealed.sha256}
    return Identity(mode, {key: value for key, value in person.items() if value})


def seal_of(ticket: IntakeTicket) -> Attachment | None:
    """The stamped page of a unit, if it was uploaded."""
    return next(iter(filings.kept_files(ticket).get(SEAL, ())), None)
