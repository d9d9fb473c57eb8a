"""What tests of the record share: entries of one company, and what is done about them."""

from __future__ import annotations

import html
import re
from typing import Any

from portal.domain import circulars, deletions
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Role
from tests import builders
from tests.builders import MORNING, acting, at, contract, done

NOW = "2026-10-20 10:00"
CODE, NAME = "91430100MA4L12346D", "湖南甲建设有限公司"
WHY = "经调阅原始合同，该合同并不存在"
COPIES = ("省发展和改革委员会", "省公共资源交易中心")


def titles(page: str) -> list[str]:
    """What the rows of a list are called."""
    return re.findall(r'class="notice__title"[^>]*>([^<]*)<', page)


def hrefs(page: str) -> set[str]:
    """Where the links of a page lead."""
    return {html.unescape(each) for each in re.findall(r'href="([^"]+)"', page)}


def built(project: Project, **more: Any) -> RecordEntry:
    """A contract of the company; `more` goes to the entry."""
    content = contract() | {"contractor_code": CODE, "contractor_name": NAME}
    return builders.entry(project, content=content, **more)


def delete(entry: RecordEntry) -> None:
    """By a decider of 浏阳市."""
    actor = acting(Role.DECIDER)
    done(lambda: deletions.delete_entry(entry, WHY, actor=actor, now=at("2026-10-01 09:30")))


def correct(entry: RecordEntry, **more: str) -> None:
    """By a decider of 长沙市; `more` is what is put right."""
    content, actor, now = {**entry.content, **more}, acting(Role.DECIDER, bureau_code="430100"), at("2026-10-02 11:00")
    done(lambda: deletions.correct_entry(entry, content, WHY, actor=actor, now=now))


def circular(title: str) -> str:
    """Published by the province; its number."""
    actor = acting(Role.DECIDER, bureau_code="430000")
    return done(lambda: circulars.publish(title, "经查实。\n予以通报。", COPIES, actor=actor, now=MORNING)).number
