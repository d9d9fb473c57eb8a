"""What the open interface takes and answers, typed: answers, their description and the checks come from here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from portal.models.words import (
    DataLevel,
    DataSource,
    DayKind,
    Kind,
    NoticeStatus,
    Origin,
    Section,
    Sector,
    Subject,
    Tier,
)

Calendar = date
"""The type, where a field has its name."""
HIGHEST_KEY = 10**15
Key = Annotated[int, Field(ge=1, le=HIGHEST_KEY)]
Words = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,18}$")]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")]


class Answer(BaseModel):
    """Anything answered."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Query(BaseModel):
    """Anything asked; a parameter nobody knows is an error and not ignored."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Problem(Answer):
    """出错说明（RFC 9457）"""

    type: str = "about:blank"
    """错误类型"""
    title: str
    """是什么错误"""
    status: int
    """HTTP状态码"""
    detail: str
    """原因和下一步"""


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
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """每页条数"""


class ProjectQuery(Query):
    """项目列表的条件"""

    q: Words | None = None
    """项目名称、编号、建设单位中的词"""
    before: Key | None = None
    """翻页：只要序号比它小的，见next"""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """每页条数"""


class DaysQuery(Query):
    """哪些日子"""

    start: date = Field(alias="from", description="第一天，如2026-09-30")
    days: Annotated[int, Field(ge=1, le=400)] = 31
    """多少天，最多400天"""


class Notice(Answer):
    """一条公示"""

    reference: str
    """公示编号"""
    url: str
    """永久地址"""
    title: str
    kind: Kind
    kind_name: str
    subject: Subject
    subject_name: str
    status: NoticeStatus
    status_name: str
    applicant: str
    """申请单位"""
    bureau: str
    """公示部门代码"""
    bureau_name: str
    published_at: datetime
    first_day: date
    """公示期第一个工作日"""
    last_day: date
    """公示期最后一日"""
    ends_at: datetime
    """届满时刻：最后一日24:00，即次日0时"""
    provisional: bool
    """截止日是否暂定（有关年度放假安排尚未公布）"""
    closed_at: datetime | None
    """结束或撤回的时间"""
    content_hash: str
    """公示内容的SHA-256"""


class Notices(Answer):
    """一页公示，新的在前"""

    items: list[Notice]
    next: str | None
    """下一页的地址，没有就是null"""


class NoticeDetail(Notice):
    """一条公示的全部内容"""

    retraction_reason: str
    """撤回理由，没有撤回就是空"""
    content: dict[str, Any]
    """发布时固定的公示内容"""


class WindowDay(Answer):
    """公示期里的一天"""

    date: Calendar
    counted: int | None
    """第几个工作日；不计入就是null"""
    kind: DayKind
    reason: str
    """计入或不计入的理由"""
    source: str
    """依据"""


class Window(Answer):
    """公示期，逐日说明（与portal window --json相同）"""

    published: date
    """发布日，当日不计入"""
    first_day: date
    last_day: date
    ends_at: datetime
    provisional: bool
    days: list[WindowDay]


class Day(Answer):
    """日历上的一天"""

    date: Calendar
    kind: DayKind
    kind_name: str
    name: str
    """节日或调休名称"""
    working: bool
    """是否工作日"""
    provisional: bool
    """该年度放假安排尚未公布，按周末推算"""
    source: str
    window_ends: Calendar
    """当日发布的公示，公示期最后一日"""


class Days(Answer):
    """一段日历"""

    items: list[Day]


class Bureau(Answer):
    """住房城乡建设部门"""

    code: str
    name: str
    area: str
    tier: Tier
    tier_name: str
    parent: str | None
    """上级部门代码"""
    address: str
    telephone: str
    atom: str
    """它和下级部门的公示订阅源"""


class Bureaus(Answer):
    """全部部门"""

    items: list[Bureau]


class Project(Answer):
    """工程项目"""

    number: str
    name: str
    area_code: str
    bureau: str
    """属地部门代码"""
    sector: Sector
    sector_name: str
    owner: str
    """建设单位"""
    owner_code: str
    accepted_on: date | None
    """竣工验收日期"""


class Projects(Answer):
    """一页项目，新建档的在前"""

    items: list[Project]
    next: str | None


class EntryField(Answer):
    """环节中的一项"""

    key: str
    label: str
    value: str | int | bool | None
    text: str
    """带单位、代码名称的写法"""


class Entry(Answer):
    """业绩档案的一个环节"""

    section: Section
    section_name: str
    number: str
    origin: Origin
    source: DataSource
    level: DataLevel
    """数据等级"""
    version: int
    fields: list[EntryField]


class ProjectDetail(Project):
    """项目和它的全部环节"""

    entries: list[Entry]
    notices: list[str]
    """公示编号，新的在前，最多100条"""


class Score(Answer):
    """一个部门（含下级）近一年的办理情况"""

    bureau: str
    name: str
    tier: Tier
    open: int
    """正在公示"""
    decided: int
    """已作出决定的申请"""
    median_days: int | None
    """从收件到决定的自然日，中位数"""
    objections: int
    """收到的异议"""
    grounds_ruled: int
    """已裁定的异议理由"""
    grounds_upheld: int
    """其中成立的"""


class Scoreboard(Answer):
    """全省各部门办理情况"""

    since: date
    until: date
    items: list[Score]
