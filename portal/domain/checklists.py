"""What an application must bring, as a typed checklist per kind and section (rules V1, V4, S8).

The rulebook's sources ask for "everything missing at once" without listing papers; which papers prove a section is
ours, after what the sections' own business issues. A list is told from it, and answered item by item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain import sections
from portal.models.application import Application, ApplicationChange
from portal.models.words import Kind, Section

SCAN = "paper/application"
"""Key of the stamped application form."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing an application may be asked for.

    key: the same in every list of one case. group: the heading it stands under. field: key of the section field it
    asks for, with the place of its change in the application; a paper has neither.
    owed: the portal sees by itself that it is missing.
    """

    key: str
    label: str
    group: str
    hint: str = ""
    change: int | None = None
    field: str = ""
    owed: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that may be asked for: key, name, and what it must show."""

    key: str
    label: str
    hint: str = ""


COMMON = (
    Paper("application", "申请表（加盖单位公章的扫描件）", "写明申请事项，加盖申请单位公章"),
    Paper("authorisation", "授权委托书", "非法定代表人办理的"),
    Paper("identity", "申请单位营业执照", "名称、统一社会信用代码与申请一致"),
)
OF_KIND: dict[Kind, tuple[Paper, ...]] = {
    Kind.SUPPLEMENT: (Paper("why_missing", "未在线上生成的情况说明", "说明该环节当时如何办理"),),
    Kind.CORRECTION: (Paper("why_wrong", "现有内容有误的依据", "能看出错在哪里、应为何值的原件"),),
    Kind.LEVEL_UPGRADE: (
        Paper("level", "申请等级的佐证资料", "监管、档案或共享数据中能核实的依据"),
        Paper("penalty", "行政处罚决定书及履行情况", "未线上办理又有未批先建等违法行为的须提供"),
    ),
}
OF_SECTION: dict[Section, tuple[Paper, ...]] = {
    Section.BASICS: (Paper("approval", "立项批复或备案证明"), Paper("planning", "建设工程规划许可证及附图")),
    Section.BIDDING: (Paper("award", "中标通知书"), Paper("tender", "招标公告或直接发包的依据")),
    Section.DRAWING_REVIEW: (Paper("review", "施工图审查合格书"),),
    Section.CONTRACT: (Paper("contract", "合同协议书"), Paper("agreement", "补充协议", "合同价款或内容有变更的")),
    Section.CONSTRUCTION_PERMIT: (Paper("permit", "施工许可证或开工报告"),),
    Section.COMPLETION_ACCEPTANCE: (Paper("acceptance", "竣工验收报告", "五方责任主体签章齐全"),),
    Section.ACCEPTANCE_FILING: (Paper("filing", "竣工验收备案表"), Paper("settlement", "工程结算或审计结论")),
    Section.TECHNICAL_INDICATORS: (Paper("drawings", "能反映技术指标的竣工图或测绘报告"),),
    Section.SAFETY_ASSESSMENT: (Paper("assessment", "考评结果告知书或通报"),),
    Section.QUALITY_ASSESSMENT: (Paper("assessment", "考评结果告知书或通报"),),
}
OUTSIDE_HOUSING = (
    Paper("project_approval", "立项文件", "非房建市政类项目须核实"),
    Paper("commencement_report", "开工报告", "非房建市政类项目须核实"),
    Paper("completion_acceptance", "竣工验收资料", "非房建市政类项目须核实"),
)
"""Rule V4."""


def checklist(application: Application) -> list[Requirement]:
    """Everything this application can be asked for, in the order of the form: papers, then section by section."""
    papers = [*COMMON, *OF_KIND[application.kind]]
    if not application.project.sector.is_housing_or_municipal:
        papers += OUTSIDE_HOUSING
    asked = [
        Requirement(
            f"paper/{paper.key}",
            paper.label,
            "申请材料",
            paper.hint,
            owed=paper.key == "application" and application.scan_sha256 is None,
        )
        for paper in papers
    ]
    for change in application.changes:
        asked += _of_change(application.kind, change)
    return asked


def by_key(application: Application) -> dict[str, Requirement]:
    """The same, by key."""
    return {requirement.key: requirement for requirement in checklist(application)}


def groups(requirements: Sequence[Requirement]) -> list[tuple[str, list[Requirement]]]:
    """The checklist under its headings."""
    found: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        found.setdefault(requirement.group, []).append(requirement)
    return list(found.items())


def _of_change(kind: Kind, change: ApplicationChange) -> list[Requirement]:
    where = f"{change.section.label} {change.entry_number}".strip()
    papers = [
        Requirement(f"{change.position}/{paper.key}", paper.label, where, paper.hint, change=change.position)
        for paper in OF_SECTION[change.section]
    ]
    if kind is Kind.LEVEL_UPGRADE:  # its content stays as it is: nothing to fill in
        return papers
    fields = [
        Requirement(
            f"{change.position}/field/{field.key}",
            f"{field.label}（{field.unit}）" if field.unit else field.label,
            where,
            field.help,
            change=change.position,
            field=field.key,
            # S5: without its date the gate cannot be decided
            owed=field.required and change.after.get(field.key) is None,
        )
        for field in sections.schema(change.section)
    ]
    return papers + fields
