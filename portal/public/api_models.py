"""What the open interface answers, typed: the answers and their description come from here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from portal.domain.scores import Score
from portal.models.words import (
    DataLevel,
    DataSource,
    DayKind,
    Kind,
    NoticeStatus,
    Origin,
    Remedy,
    Section,
    Sector,
    Subject,
    Tier,
)

Calendar = date
"""The type, where a field has its name."""


class Answer(BaseModel):
    """Anything answered."""

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


class Move(Answer):
    """截止日的一次调整：只延后，不提前"""

    old_last_day: date
    new_last_day: date
    reason: str
    changed_at: datetime


class PublicCopy(Answer):
    """一份公开材料：佐证材料遮盖个人信息后的副本"""

    url: str
    """永久地址"""
    label: str
    """材料名称"""
    name: str
    """文件名"""
    media_type: str
    size: int
    """字节数"""
    sha256: str
    """副本的SHA-256"""
    original: str
    """原件的SHA-256，原件由公示部门留存"""


class NoticeDetail(Notice):
    """一条公示的全部内容"""

    retraction_reason: str
    """撤回理由，没有撤回就是空"""
    replaced_by: str | None
    """撤回后重新公示的编号"""
    moves: list[Move]
    """截止日的历次调整，没有就是空"""
    public_evidence: list[PublicCopy]
    """公开材料，没有就是空"""
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
    calendar: str
    """它和下级部门的公示截止日历"""


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
    deleted_at: datetime | None
    """据实删除的时间；删除后只留下这一条记载，内容为空"""
    fields: list[EntryField]


class RemedyNote(Answer):
    """对一个环节的据实删除或更正"""

    section: Section
    section_name: str
    number: str
    remedy: Remedy
    remedy_name: str
    reason: str
    bureau: str
    """作出决定的部门名称"""
    decided_at: datetime


class ProjectDetail(Project):
    """项目和它的全部环节"""

    entries: list[Entry]
    remedies: list[RemedyNote]
    """据实删除和更正，旧的在前"""
    notices: list[str]
    """公示编号，新的在前，最多100条"""


class Scoreboard(Answer):
    """全省各部门办理情况"""

    since: date
    until: date
    items: list[Score]
