"""The cases of the demo and the objections to them: what was asked for, when, and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.domain import filings
from portal.domain.filings import Identity
from portal.models.words import IdentityMode, Kind, Section


@dataclass(frozen=True, slots=True)
class Case:
    """A correction: which entry, what shall stand there, when it was received and put on notice (day in September),
    and how far it got.
    """

    project: str
    section: Section
    edits: dict[str, Any]
    reason: str
    received: int
    published: int | None = None
    until: str = "published"
    kind: Kind = Kind.CORRECTION
    evidence: bool = False
    """Whether the award letter it was verified by is published with it, redacted (rule N1)."""


# The fully staffed county first: what a newcomer will try.
CASES = (
    Case("4305221008190041", Section.BIDDING, {"amount": "1747.69"}, "中标金额录入时数字颠倒", 1, 7),
    Case("4305221008190041", Section.BASICS, {"area": "8600"}, "总面积漏填", 1, 3, until="rechecked"),
    Case("4305221008190041", Section.CONTRACT, {"amount": "1747.69"}, "合同金额与中标通知书不一致", 15, 18),
    Case(
        "4305221008190042",
        Section.BIDDING,
        {"award_date": "2010-08-09"},
        "中标日期应为公示结束后次日",
        17,
        21,
        evidence=True,
    ),
    Case("4305221008190042", Section.SAFETY_ASSESSMENT, {"result": "qualified"}, "考评结果登记错误，应为合格", 7, 10),
    Case(
        "4305221008190043",
        Section.ACCEPTANCE_FILING,
        {"cost": "481.50"},
        "实际造价应以审计结论为准",
        21,
        until="verified",
    ),
    Case("4305221008190043", Section.CONTRACT, {"amount": "481.50"}, "合同补充协议未计入", 23, until="received"),
    Case("4305221008190043", Section.BASICS, {"area": "8800"}, "建筑面积虚增", 10, until="falsified"),
    Case(
        "4305221008190042", Section.CONTRACT, {"amount": "220.93"}, "合同金额小数录入错误", 14, 16, until="republished"
    ),
    # elsewhere in the province
    Case("4305241104250044", Section.CONTRACT, {"amount": "797.56"}, "合同金额数字颠倒", 14, 18),
    Case("4305821608160045", Section.CONTRACT, {"amount": "946.44"}, "合同金额录入错误", 16, 21),
    Case("4307031804280046", Section.ACCEPTANCE_FILING, {"area": "10389.53"}, "备案面积与规划面积混淆", 16, 22),
    Case("4307261805110047", Section.BIDDING, {"amount": "533.42"}, "中标金额录入错误", 18, 23),
    Case("4309811805040048", Section.CONTRACT, {"amount": "2063.30"}, "合同金额录入错误", 8, 11),
    Case("4311261205170040", Section.CONTRACT, {"amount": "1981.73"}, "合同金额数字颠倒", 15, 22),
    Case("4311291207170039", Section.ACCEPTANCE_FILING, {"area": "4021"}, "备案面积数字颠倒，应与立项一致", 17, 23),
    Case("4304050709100036", Section.BIDDING, {"award_date": "2007-09-03"}, "中标日期误填为补录当日", 3, 8),
    Case("4304071006290037", Section.BIDDING, {"award_date": "2010-06-21"}, "中标日期误填为补录当日", 17, 22),
    Case("4304811010300038", Section.ACCEPTANCE_FILING, {"cost": "1710.00"}, "实际造价录入错误", 18, 24),
    Case("4310811804270050", Section.BASICS, {"area": "12600"}, "总面积漏填", 10, 15),
    Case("4311811805030052", Section.CONTRACT, {"amount": "2396.71"}, "合同金额应为补充协议后金额", 15, 21),
    Case("4301041211210104", Section.CONTRACT, {"signing_date": "2016-04-15"}, "签订日期录入错误", 17, 23),
    Case(
        "4301822010100005", Section.COMPLETION_ACCEPTANCE, {"area": "7155.80"}, "面积小数录入错误", 18, until="verified"
    ),
    Case("4301031903250014", Section.COMPLETION_ACCEPTANCE, {"cost": "2764.58"}, "造价录入错误", 21, until="received"),
    Case("4309231805040049", Section.BASICS, {}, "申请由本级核定等级", 10, 14, kind=Kind.LEVEL_UPGRADE),
)
OBJECTIONS = {
    # project and section: day filed, grounds, identity
    ("4305221008190042", Section.SAFETY_ASSESSMENT): (
        14,
        ("改为“合格”与当年的考评通报不符，通报中该工地为优良", "公示中没有说明考评依据和考评时间"),
        filings.ANONYMOUS,
    ),
    ("4305221008190042", Section.BIDDING): (
        22,
        ("中标通知书原件载明的日期是2010年8月19日，申请修正的日期没有依据",),
        Identity(IdentityMode.REAL_NAME, {"name": "演示人甲", "phone": "0731-00000000"}),
    ),
}
