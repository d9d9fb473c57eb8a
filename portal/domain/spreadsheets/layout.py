"""The columns of the two import templates, as data (rule S8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from portal.domain.sections import SCHEMAS, FieldType
from portal.models.words import DataLevel, DataSource, Kind, Origin, Section, Sector, Undertaking, Word


class Template(StrEnum):
    """The two sheets the portal takes in."""

    APPLICATIONS = "applications"
    RECORDS = "records"

    @property
    def label(self) -> str:
        """The sheet's name in Chinese."""
        return {"applications": "批量收件", "records": "存量档案导入"}[self.value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, whether every row needs it, the words it accepts, and what to tell who fills it in."""

    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""
    is_text: bool = False


def _words(*words: Word) -> tuple[str, ...]:
    return tuple(word.label for word in words)


KIND = Column("申请类型", True, _words(Kind.SUPPLEMENT, Kind.CORRECTION), "等级提升不在批量收件范围内")
PROJECT_NUMBER = Column("项目编号", True, help="16位，请将本列设为文本格式", is_text=True)
PROJECT_NAME = Column("项目名称", True)
AREA_CODE = Column("区划代码", help="6位，不填时取项目编号前6位", is_text=True)
TOWNSHIP = Column("乡镇街道", help="望城区的项目必填")
SECTOR = Column("工程类别", True, _words(*Sector))
UNDERTAKING = Column("承包方式", False, _words(*Undertaking), "不填时为工程总承包或施工总承包")
OWNER = Column("建设单位")
OWNER_CODE = Column("建设单位统一社会信用代码", help="18位", is_text=True)
COMPLETED_ON = Column("竣工验收日期", help="如2017-05-24；未竣工的不填")
SECTION = Column("环节", True, _words(*Section))
ENTRY_NUMBER = Column("环节编号", help="如4301021705240101-HZ-001；没有的不填", is_text=True)
ORIGIN = Column("办理方式", True, _words(*Origin))
APPLICANT = Column("申请单位", True)
APPLICANT_CODE = Column("申请单位统一社会信用代码", help="18位", is_text=True)
DATA_LEVEL = Column("数据等级", False, tuple(level.value for level in DataLevel), "不填时按D级登记")
DATA_SOURCE = Column("数据来源", False, _words(*DataSource))

PROJECT = (PROJECT_NUMBER, PROJECT_NAME, AREA_CODE, TOWNSHIP, SECTOR, UNDERTAKING, OWNER, OWNER_CODE, COMPLETED_ON)
_ENTRY = (SECTION, ENTRY_NUMBER, ORIGIN)
_FIXED = {
    Template.APPLICATIONS: (KIND, *PROJECT, *_ENTRY, APPLICANT, APPLICANT_CODE),
    Template.RECORDS: (*PROJECT, *_ENTRY, DATA_LEVEL, DATA_SOURCE),
}
_TEXT_TYPES = (FieldType.COMPANY_CODE, FieldType.NUMBER, FieldType.NODE_NUMBER, FieldType.PERMIT_NUMBER)


@cache
def known_labels(template: Template) -> frozenset[str]:
    """Every heading the template knows."""
    return frozenset(column.label for column in columns(template))


@cache
def fixed_labels(template: Template) -> frozenset[str]:
    """The headings of the columns before the section's own."""
    return frozenset(column.label for column in _FIXED[template])


@cache
def columns(template: Template) -> tuple[Column, ...]:
    """All columns: the fixed ones, then every field of every section once; a section shares those of the same name."""
    fixed = _FIXED[template]
    own: dict[str, Column] = {}
    for section, fields in SCHEMAS.items():
        for field in fields:
            choices = tuple(field.codes.codes.values()) if field.codes else ()
            earlier = own.get(field.label)
            used_by = f"{earlier.help.split('。')[0]}、{section.label}" if earlier else f"用于{section.label}"
            help_text = f"{used_by}。{field.help}"
            own[field.label] = Column(field.label, False, choices, help_text, field.type in _TEXT_TYPES)
    taken = {column.label for column in fixed}
    return (*fixed, *(column for column in own.values() if column.label not in taken))


@lru_cache(maxsize=2048)
def _heading(text: str) -> str:
    text = re.sub(r"[\s*＊\u00a0\u3000\ufeff]+", "", text)[:60]
    return re.sub(r"[（(](万元|㎡|m2|平方米|米|天|18位|16位|必填|选填)[）)]$", "", text)


def heading(raw: object) -> str:
    """A heading as the layout spells it: without blanks, line breaks, a star for “required” and a unit in brackets."""
    return "" if raw is None else _heading(str(raw)[:200])
