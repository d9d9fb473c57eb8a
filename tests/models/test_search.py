"""Search: any run of characters, within what a list is narrowed by, newest first, counted up to a limit."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from portal.extensions import begin_write, db
from portal.models import search
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import COUNT_LIMIT, FACETS, find, grams
from portal.models.words import Kind, NoticeStatus, Subject
from tests import builders

NOW = builders.MORNING
PLACES = "浏阳市 长沙县 湘潭市 岳阳楼区 凤凰县".split()  # noqa: SIM905
WORKS = "长寿路道路改造工程 人民路改造项目 第一中学教学楼 凤凰家园小区 污水处理厂扩建工程 ABC-12标准厂房".split()  # noqa: SIM905
KINDS, SUBJECTS, ENDS = list(Kind), list(Subject), list(NoticeStatus)


def many_notices(count: int, *, seed: int = 1) -> list[dict[str, Any]]:
    """`count` notices of one case, made up and written at once; oldest first."""
    case, dice = builders.application(), random.Random(seed)
    counties = list(db.session.scalars(db.select(Bureau).where(Bureau.tier == "county").limit(4)))
    rows = []
    for number in range(1, count + 1):
        county = dice.choice(counties)
        title = f"关于{dice.choice(PLACES)}{dice.choice(WORKS)}{number % 97}期的公示"
        rows.append(
            {
                "id": number,
                "reference": f"GS{county.code}-2026-{number:05d}",
                "application_id": case.id,
                "bureau_id": county.id,
                "city_id": county.city_id,
                "kind": dice.choices(KINDS, [70, 26, 4])[0],
                "subject": dice.choice(SUBJECTS),
                "title": title,
                "company": "湖南三穗建筑工程有限公司",
                "content": b"{}",
                "content_hash": "0" * 64,
                "status": dice.choices(ENDS, [5, 85, 8, 2])[0],
                "published_at": NOW,
                "published_by": "staff:tests",
                "first_day": NOW.date(),
                "last_day": NOW.date(),
                "ends_at": NOW,
                "calendar_version": "tests",
                "grams": grams(title, f"GS{county.code}-2026-{number:05d}"),
            }
        )
    begin_write()
    db.session.execute(insert(Notice), rows)
    db.session.commit()
    return rows


def expected(rows: list[dict[str, Any]], words: str, narrowed: dict[str, Any]) -> list[int]:
    """Ids of the rows that hold every run of `words` and have the values `narrowed`, newest first, by plain reading."""
    hits = []
    for row in reversed(rows):
        said = search.runs(f"{row['title']}\n{row['reference']}")
        found = all(any(word in run for run in said) for word in search.runs(words))
        if found and all(row[column] == value for column, value in narrowed.items()):
            hits.append(row["id"])
    return hits


def pages(words: str, narrowed: dict[str, Any], size: int) -> list[int]:
    """All ids one gets by going on to the end."""
    seen: list[int] = []
    while True:
        found = find(Notice, words, narrowed, limit=size, before=seen[-1] if seen else None)
        assert found is not None
        seen += found.ids
        if len(found.ids) < size:
            return seen


def test_words_and_filters_find_what_plain_reading_finds(app: Flask) -> None:
    rows = many_notices(300)
    city, county = rows[0]["city_id"], rows[0]["bureau_id"]
    for words in ("长寿", "人民路", "改造", "12标准", "abc", "ＡＢＣ", "凤凰家园小区", "凤凰 改造", "00123", "没有的"):
        for narrowed in (
            {},
            {"city_id": city},
            {"bureau_id": county, "kind": "correction"},
            {"kind": "level_upgrade"},
            {"status": "closed_contested", "subject": "assessment"},
        ):
            hits = expected(rows, words, narrowed)
            found = find(Notice, words, narrowed, limit=21)
            assert found is not None
            assert (found.ids, found.count) == (hits[:21], len(hits)), (words, narrowed)


def test_every_filter_and_every_pair_of_them_finds_without_words(app: Flask) -> None:
    rows = many_notices(300)
    one = rows[150]
    columns = sorted(FACETS)
    for first in columns:
        for second in columns:
            narrowed = {first: one[first], second: one[second]}
            hits = expected(rows, "", narrowed)
            found = find(Notice, "", narrowed, limit=10)
            assert found is not None
            assert (found.ids, found.count) == (hits[:10], len(hits)), narrowed


def test_going_on_and_back_shows_every_hit_once(app: Flask) -> None:
    rows = many_notices(200)
    for words in ("改造", "公示"):
        hits = expected(rows, words, {})
        assert pages(words, {}, 21) == hits
        middle = hits[len(hits) // 2]
        back = find(Notice, words, {}, limit=21, after=middle)
        assert back is not None
        assert back.ids == [hit for hit in hits if hit > middle][-21:]
        assert back.count == len(hits)


def test_beyond_the_limit_it_says_more_and_still_finds_the_rarest_and_the_oldest(app: Flask) -> None:
    """Frequent and rare words, and words that only old rows have, go different ways on PostgreSQL."""
    rows = many_notices(4500)
    begin_write()
    only_old = [row["id"] for row in rows if row["id"] <= 1500]
    db.session.execute(
        text("UPDATE notice SET grams = :grams WHERE id <= 1500"), {"grams": grams("关于韶山市老街修缮的公示")}
    )
    db.session.commit()
    for words, hits in (("公示", [row["id"] for row in reversed(rows)]), ("老街修缮", only_old[::-1])):
        found = find(Notice, words, {}, limit=21)
        assert found is not None
        assert (found.ids, found.count) == (hits[:21], COUNT_LIMIT + 1), words
        assert pages(words, {}, 500) == hits
        back = find(Notice, words, {}, limit=21, after=hits[100])
        assert back is not None
        assert back.ids == hits[79:100]
        assert back.count == COUNT_LIMIT + 1
    rare = rows[4000]["reference"]
    found = find(Notice, rare, {}, limit=21)
    assert found is not None
    assert (found.ids, found.count) == ([4001], 1)


def test_a_changed_status_is_found_under_the_new_one_only(app: Flask) -> None:
    notice = builders.notice()
    begin_write()
    db.session.get_one(Notice, notice.id).status = NoticeStatus.CLOSED_CLEAR
    db.session.commit()
    for status, ids in (("open", []), ("closed_clear", [notice.id])):
        found = find(Notice, "长寿", {"status": status}, limit=21)
        assert found is not None
        assert found.ids == ids


def test_nothing_asked_is_no_search(app: Flask) -> None:
    assert find(Notice, "（）——", {}, limit=21) is None
    assert find(Notice, "", {}, limit=21) is None


@pytest.mark.parametrize(
    "words", ["' OR 1=1 --", '"*^(', "γ1", "κcorrection", "NEAR(", "長壽", "𠮷" * 30, "a:b & !c | <->"]
)
def test_whatever_is_typed_is_only_looked_for(app: Flask, words: str) -> None:
    builders.notice()
    found = find(Notice, words, {}, limit=21)
    assert found is None or found.count in (0, 1)


def test_the_index_of_sqlite_stays_sound_through_every_change(sqlite_app: Flask) -> None:
    many_notices(50)
    begin_write()
    db.session.execute(text("UPDATE notice SET status = 'retracted', grams = 'ab b' WHERE id % 3 = 0"))
    db.session.execute(text("UPDATE notice SET ends_at = published_at"))
    db.session.execute(text("INSERT INTO notice_fts(notice_fts, rank) VALUES ('integrity-check', 1)"))
    db.session.commit()
