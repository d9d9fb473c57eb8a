"""The parts of an application's form that do not depend on its sections: who asks, why, about which new project
(rules S8, S9).
"""

from __future__ import annotations

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.domain import divisions
from portal.models.words import Sector, Undertaking
from portal.web.forms import choices


class Applying:
    """Who asks and why."""

    applicant_name = StringField(
        "申请单位", validators=[InputRequired("请填写申请单位"), Length(max=200, message="不超过200字")]
    )
    applicant_code = StringField("申请单位统一社会信用代码", validators=[Length(max=30, message="不超过30位")])
    contact_name = StringField("联系人", validators=[Length(max=60, message="不超过60字")])
    contact_phone = StringField("联系电话", validators=[Length(max=40, message="不超过40位")])
    contact_email = StringField(
        "电子邮箱",
        validators=[
            Optional(),
            Length(max=120, message="不超过120字"),
            Regexp(
                r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+$", message="请填写完整的电子邮箱，如 name@example.com"
            ),
        ],
    )
    reason = TextAreaField("申请理由", validators=[Length(max=2000, message="不超过2000字")])
    acknowledged = BooleanField("以上提示已与原件核对，按填写的内容收件")


class ApplyingOnline(Applying):
    """The same, where nobody sits at the other side of the desk who could ask."""

    applicant_code = StringField(
        "申请单位统一社会信用代码",
        validators=[InputRequired("请填写申请单位的统一社会信用代码"), Length(max=30, message="不超过30位")],
    )
    contact_name = StringField(
        "联系人", validators=[InputRequired("请填写联系人"), Length(max=60, message="不超过60字")]
    )
    contact_phone = StringField(
        "联系电话", validators=[InputRequired("请填写联系电话"), Length(max=40, message="不超过40位")]
    )
    acknowledged = BooleanField("以上提示已与原件核对，按填写的内容提交")


class NewProject:
    """What is asked about a project nobody knows yet."""

    p_name = StringField(
        "项目名称", validators=[InputRequired("请填写项目名称"), Length(max=200, message="不超过200字")]
    )
    p_area_code = SelectField(
        "项目所在县市区",
        choices=lambda: [("", "请选择"), *divisions.places()],
        validate_choice=False,
        validators=[InputRequired("请选择项目所在县市区"), Length(max=6, message="区划代码为6位")],
    )
    p_township = StringField("所在镇或街道", validators=[Length(max=40, message="不超过40字")])
    p_sector = SelectField("工程类别", choices=choices(Sector))
    p_undertaking = SelectField("承包方式", choices=choices(Undertaking))
    p_owner_name = StringField("建设单位", validators=[Length(max=200, message="不超过200字")])
    p_owner_code = StringField("建设单位统一社会信用代码", validators=[Length(max=30, message="不超过30位")])
