"""What is said of how a bureau does, on pages, in exports and by the open interface, which describes each number in the
words that stand with it here: hence they are Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from portal.models.words import Tier


@dataclass(frozen=True, slots=True)
class Score:
    """一个部门（含下级）的办理情况；正在公示、超期是现在的数，其余是since到until的数"""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "use_attribute_docstrings": True}

    bureau: str
    """部门代码"""
    name: str
    area: str
    """地区"""
    tier: Tier
    parent: str | None
    """上级部门代码"""
    open: int
    """正在公示"""
    overdue: int
    """超过期限还没有答复的异议和投诉举报"""
    decided: int
    """已作出决定的申请"""
    median_days: int | None
    """从收件到决定的自然日，中位数；没有就是null"""
    told: int
    """告知过需要补正的申请"""
    told_once: int
    """其中只告知一次、没有再次告知的"""
    objections: int
    """收到的异议"""
    grounds_ruled: int
    """已裁定的异议理由"""
    grounds_upheld: int
    """其中成立的"""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """All bureaus in the order of the province's list, and from when to when was counted."""

    since: date
    until: date
    scores: list[Score]
