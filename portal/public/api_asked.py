"""What the open interface takes, typed: the checks and their description come from here."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from portal.models.words import Kind, NoticeStatus, Subject

HIGHEST_KEY = 10**15
_FORMS = {int: re.compile(r"[0-9]{1,16}", re.ASCII), date: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)}


def _written(kind: type) -> BeforeValidator:
    """Only as the description says it: the library would read 1_0 as ten, and a number as a day."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not _FORMS[kind].fullmatch(value):
            raise ValueError("not written as described")
        return value

    return BeforeValidator(check)


Key = Annotated[int, Field(ge=1, le=HIGHEST_KEY), _written(int)]
Day = Annotated[date, _written(date)]
Words = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,18}$")]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")]
Limit = Annotated[int, Field(ge=1, le=100), _written(int)]


class Query(BaseModel):
    """Anything asked; a parameter nobody knows is an error and not ignored."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class NoticeQuery(Query):
    """公示列表的条件，与网页相同"""

    q: Words | None = None
    """项目、企业名称或编号中的词，两个字就能查；多个词用空格隔开"""
    bureau: Code | None = None
    """部门代码，包括它下级的部门"""
    kind: Kind | None = None
    """申请类型"""
    subject: Subject | None = None
    """内容"""
    status: NoticeStatus | None = None
    """状态"""
    project: Number | None = None
    """项目编号"""
    company: Code | None = None
    """统一社会信用代码：公示中的任何一方"""
    before: Key | None = None
    """翻页：只要序号比它小的，见next"""
    limit: Limit = 20
    """每页条数"""


class ProjectQuery(Query):
    """项目列表的条件"""

    q: Words | None = None
    """项目名称、编号、建设单位中的词"""
    before: Key | None = None
    """翻页：只要序号比它小的，见next"""
    limit: Limit = 20
    """每页条数"""


class DaysQuery(Query):
    """哪些日子"""

    start: Day = Field(alias="from", description="第一天，如2026-09-30")
    days: Annotated[int, Field(ge=1, le=400), _written(int)] = 31
    """多少天，最多400天"""
