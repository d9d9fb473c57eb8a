"""The ten section schemas as data (rule S1), after the national data standard's tables.

Names of persons (project managers and the like) are personal data that no rule asks us to publish: no schema has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.domain import code_tables
from portal.domain.code_tables import CodeTable
from portal.models.words import Section


class FieldType(StrEnum):
    """What kind of value a field holds; it decides cleaning, display and the form control."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount_wan"
    AREA = "area_m2"
    LENGTH = "length_m"
    INTEGER = "integer"
    YES_NO = "yes_no"
    CHOICE = "choice"
    COMPANY = "company"
    COMPANY_CODE = "company_code"
    NUMBER = "number"
    NODE_NUMBER = "node_number"
    PERMIT_NUMBER = "permit_number"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a section.

    label: Chinese, unique within its section, and the column's heading in a spreadsheet.
    codes: the table of a CHOICE. max_length: in characters, of text. public: shown on notices and record pages.
    is_section_date: the section's own date, by which the supplement gate judges (rule S5).
    """

    key: str
    label: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    codes: CodeTable | None = None
    max_length: int = 200
    help: str = ""
    public: bool = True
    is_section_date: bool = False

    @property
    def unit(self) -> str:
        """The unit values are stored and shown in, or an empty string."""
        return _UNITS.get(self.type, "")


_UNITS = {FieldType.AMOUNT: "万元", FieldType.AREA: "㎡", FieldType.LENGTH: "米"}


def _date(key: str, label: str, *, required: bool = False, own: bool = False) -> Field:
    return Field(key, label, FieldType.DATE, required=required, is_section_date=own, help="如2017-05-24")


def _amount(key: str, label: str, *, required: bool = False) -> Field:
    return Field(key, label, FieldType.AMOUNT, required=required, help="以万元为单位，最多4位小数")


def _area(key: str, label: str) -> Field:
    return Field(key, label, FieldType.AREA, help="以㎡为单位，最多2位小数")


def _length(key: str, label: str) -> Field:
    return Field(key, label, FieldType.LENGTH, help="以米为单位")


def _count(key: str, label: str, hint: str = "填整数") -> Field:
    return Field(key, label, FieldType.INTEGER, help=hint)


def _yes_no(key: str, label: str) -> Field:
    return Field(key, label, FieldType.YES_NO, help="填“是”或“否”")


def _choice(key: str, codes: CodeTable, *, label: str = "", required: bool = False) -> Field:
    return Field(key, label or codes.name, FieldType.CHOICE, required=required, codes=codes)


def _company(key: str, label: str, *, required: bool = False) -> tuple[Field, Field]:
    """A unit's name and its code, always side by side."""
    return (
        Field(f"{key}_name", label, FieldType.COMPANY, required=required, help="单位全称，与营业执照一致"),
        Field(f"{key}_code", f"{label}统一社会信用代码", FieldType.COMPANY_CODE, max_length=18, help="18位"),
    )


def _number(key: str, label: str, *, required: bool = False) -> Field:
    return Field(key, label, FieldType.NUMBER, required=required, max_length=100)


def _node(key: str, label: str) -> Field:
    return Field(key, label, FieldType.NODE_NUMBER, max_length=100)


_PERMIT = Field(
    "permit_number", "施工许可证编号", FieldType.PERMIT_NUMBER, max_length=50, help="与证书一致，现行为18位"
)
_SCALE = Field("scale", "建设规模", max_length=500, help="长度、面积、层数等，写清单位")
_PARTIES = (
    *_company("survey", "勘察单位"),
    *_company("design", "设计单位"),
    *_company("contractor", "施工单位"),
    *_company("supervisor", "监理单位"),
)

_BASICS = (
    Field("name", "项目名称", required=True),
    _choice("category", code_tables.CATEGORY, required=True),
    _choice("nature", code_tables.NATURE),
    _choice("use", code_tables.USE),
    _number("approval_number", "立项文号"),
    _choice("approval_level", code_tables.APPROVAL_LEVEL),
    _number("land_permit_number", "建设用地规划许可证编号"),
    _number("plan_permit_number", "建设工程规划许可证编号"),
    _amount("investment", "总投资"),
    _area("area", "总面积"),
    _SCALE,
    Field("address", "建设地点"),
    *_company("owner", "建设单位", required=True),
    Field("participants", "参建单位", max_length=500, help="如“设计：某某设计院有限公司”，只写单位"),
    _date("start_date", "开工日期"),
    _date("end_date", "竣工日期"),
)
_BIDDING = (
    _number("number", "中标通知书编号"),
    _choice("tender_class", code_tables.TENDER_CLASS, required=True),
    _choice("tender_type", code_tables.TENDER_TYPE),
    _date("award_date", "中标公示日期", required=True, own=True),
    _amount("amount", "中标金额", required=True),
    _area("area", "招标面积"),
    _SCALE,
    *_company("winner", "中标单位", required=True),
    *_company("agency", "招标代理机构"),
)
_DRAWING_REVIEW = (
    _number("number", "审查合格书编号", required=True),
    *_company("office", "审图机构", required=True),
    _date("pass_date", "审查完成日期", required=True, own=True),
    _SCALE,
    _yes_no("first_pass", "一次审查通过"),
    _count("violations", "一次审查违反强制性条文数"),
    *_company("survey", "勘察单位"),
    *_company("design", "设计单位"),
)
_CONTRACT = (
    _number("number", "合同编号"),
    _choice("contract_type", code_tables.CONTRACT_TYPE, required=True),
    _date("signing_date", "合同签订日期", required=True, own=True),
    _amount("amount", "合同金额", required=True),
    _SCALE,
    *_company("client", "发包单位", required=True),
    *_company("contractor", "承包单位", required=True),
    *_company("union", "联合体承包单位"),
)
_CONSTRUCTION_PERMIT = (
    replace(_PERMIT, required=True),
    _date("issue_date", "发证日期", required=True, own=True),
    _amount("amount", "合同金额"),
    _area("area", "建筑面积"),
    _SCALE,
    _count("days", "合同工期", "日历天，填整数"),
    _node("drawing_review_number", "施工图审查编号"),
    *_PARTIES,
)
_COMPLETION_ACCEPTANCE = (
    _number("number", "竣工验收编号"),
    _PERMIT,
    Field("building", "单体名称"),
    _date("start_date", "实际开工日期"),
    _date("acceptance_date", "竣工验收日期", required=True, own=True),
    _amount("cost", "实际造价"),
    _area("area", "实际面积"),
    _choice("structure", code_tables.STRUCTURE),
    _SCALE,
    *_PARTIES,
)
_ACCEPTANCE_FILING = (
    _number("number", "竣工备案编号"),
    _PERMIT,
    _date("start_date", "实际开工日期"),
    _date("end_date", "实际竣工日期", required=True),
    _date("filing_date", "备案日期", own=True),
    _amount("cost", "实际造价"),
    _area("area", "实际面积"),
    _choice("structure", code_tables.STRUCTURE),
    _SCALE,
    *_PARTIES,
)
_TECHNICAL_INDICATORS = (
    Field("building", "单体名称", required=True),
    _number("building_code", "单体编码"),
    _choice("level", code_tables.LEVEL),
    _choice("structure", code_tables.STRUCTURE),
    _area("area", "单体面积"),
    _area("area_above", "地上面积"),
    _area("area_below", "地下面积"),
    _length("height", "建筑高度"),
    _count("storeys_above", "地上层数"),
    _count("storeys_below", "地下层数"),
    _length("length", "长度"),
    _length("span", "跨度"),
    _length("single_span", "最大单跨"),
    _amount("cost", "单体造价"),
    _count("flats", "户数"),
    _choice("green", code_tables.GREEN),
    _choice("seismic", code_tables.SEISMIC),
    _yes_no("prefabricated", "装配式建筑"),
    _yes_no("over_limit", "超限高层建筑"),
    _SCALE,
)
_ASSESSMENT = (
    _number("number", "考评结果告知书编号"),
    _choice("result", code_tables.ASSESSMENT_RESULT, required=True),
    Field("period", "考评周期", required=True, max_length=40, help="如“2021年第四季度”"),
    _date("assessed_date", "考评日期", required=True, own=True),
    *_company("contractor", "施工单位", required=True),
    *_company("assessor", "考评机构"),
    _PERMIT,
)

SCHEMAS: Mapping[Section, tuple[Field, ...]] = {
    Section.BASICS: _BASICS,
    Section.BIDDING: _BIDDING,
    Section.DRAWING_REVIEW: _DRAWING_REVIEW,
    Section.CONTRACT: _CONTRACT,
    Section.CONSTRUCTION_PERMIT: _CONSTRUCTION_PERMIT,
    Section.COMPLETION_ACCEPTANCE: _COMPLETION_ACCEPTANCE,
    Section.ACCEPTANCE_FILING: _ACCEPTANCE_FILING,
    Section.TECHNICAL_INDICATORS: _TECHNICAL_INDICATORS,
    Section.SAFETY_ASSESSMENT: _ASSESSMENT,
    Section.QUALITY_ASSESSMENT: _ASSESSMENT,
}
_BY_KEY = {section: {field.key: field for field in fields} for section, fields in SCHEMAS.items()}


def schema(section: Section) -> tuple[Field, ...]:
    """The fields of a section in the order pages show them."""
    return SCHEMAS[section]


def field_of(section: Section, key: str) -> Field | None:
    """The section's field with that key, or None: old content may carry a key the schema no longer has."""
    return _BY_KEY[section].get(key)


def section_date_field(section: Section) -> Field | None:
    """The field that holds the section's own date; None for basics and technical indicators, which have none."""
    return next((field for field in SCHEMAS[section] if field.is_section_date), None)
