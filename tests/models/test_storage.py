"""What the tables themselves keep and refuse, alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError, StatementError

from portal.clock import BEIJING
from portal.extensions import begin_write, db, lock
from portal.models.application import Application, ApplicationChange
from portal.models.bureau import LEVEL_OF_TIER, Bureau
from portal.models.calendar_day import CalendarOrder, OrderStatus
from portal.models.counter import next_number
from portal.models.job_run import JobRun
from portal.models.project import Project
from portal.models.search import COUNT_LIMIT, count_up_to_limit, grams, matching
from portal.models.words import DataLevel, Role, Tier, Word
from tests.builders import MORNING, application, bureau, done, notice, project
from tests.domain.office import by_sql, database_refuses


@pytest.mark.rule("N4")
def test_an_instant_comes_back_aware_and_equal_and_a_naive_one_is_refused(app: Flask):
    instants = [MORNING, MORNING.astimezone(UTC), datetime(2026, 2, 28, 23, 59, 59, 123456, BEIJING)]
    for instant in instants:
        run = done(lambda: db.session.merge(JobRun(id=1, job="x", started_at=instant)))  # noqa: B023
        db.session.expire_all()
        assert run.started_at == instant
        assert run.started_at.tzinfo is UTC
    with pytest.raises(StatementError, match="time zone"):
        done(lambda: db.session.add(JobRun(job="x", started_at=datetime(2026, 1, 1))))  # noqa: DTZ001
    db.session.rollback()


def test_only_words_of_the_vocabulary_are_stored(app: Flask):
    case = application()
    for column in ("status", "kind", "route", "subject", "channel"):
        database_refuses(f"UPDATE application SET {column} = 'something' WHERE id = {case.id}")
    with pytest.raises(StatementError):
        done(lambda: db.session.add(Bureau(code="1", name="x", area_name="x", tier="village", path="/x/")))
    db.session.rollback()


@pytest.mark.rule("S7", "S8")
def test_the_database_itself_holds_an_entry_for_one_running_case_and_a_row_for_one_import(app: Flask):
    first, second = application(fingerprint="a" * 64), application(fingerprint="b" * 64)
    held = first.changes[0].claim
    with pytest.raises(IntegrityError):
        done(lambda: db.session.execute(db.update(ApplicationChange).values(claim=held)))
    db.session.rollback()
    with pytest.raises(IntegrityError):
        by_sql("UPDATE application SET import_fingerprint = :fingerprint", fingerprint="a" * 64)
    assert second.changes[0].claim != held


def test_what_is_referred_to_is_not_removed(app: Flask):
    notice()
    for table in ("project", "bureau", "account", "application"):
        database_refuses(f"DELETE FROM {table}")


def test_numbers_run_without_gaps_and_a_rolled_back_one_is_given_again(app: Flask):
    assert [done(lambda: next_number("GS-x")) for _ in range(3)] == [1, 2, 3]
    begin_write()
    assert next_number("GS-x") == 4
    db.session.rollback()
    assert done(lambda: next_number("GS-x")) == 4
    assert done(lambda: next_number("GS-y")) == 1


@pytest.mark.rule("N5")
def test_one_person_alone_never_makes_a_calendar_order_count(app: Flask):
    order = CalendarOrder(
        year=2027,
        title="x",
        url="https://example.gov.cn",
        days=[],
        digest="0" * 64,
        proposed_by="staff:a",
        proposed_at=MORNING,
    )
    done(lambda: db.session.add(order))
    assert order.status is OrderStatus.PROPOSED
    for who in ("'staff:a'", "NULL"):
        database_refuses(
            f"UPDATE calendar_order SET status = 'applied', confirmed_by = {who}, confirmed_at = proposed_at"
        )
    by_sql("UPDATE calendar_order SET status = 'applied', confirmed_by = 'staff:b', confirmed_at = proposed_at")


def test_a_decision_without_a_write_transaction_is_refused_where_it_would_not_be_safe(sqlite_app: Flask):
    case_id = application().id
    db.session.rollback()
    with pytest.raises(RuntimeError, match="begin_write"):
        lock(Application, case_id)
    begin_write()
    assert lock(Application, case_id).id == case_id
    with pytest.raises(LookupError):
        lock(Application, case_id + 1000)


def test_any_two_characters_are_found_on_both_databases(app: Flask):
    road = project("浏阳市长寿路（二期）改造工程ABC-12", owner_name="浏阳市公用事业局")
    project("宁乡市花明路改造工程")

    def found(query: str) -> set[str]:
        condition = matching(Project, query)
        assert condition is not None
        return {row.name for row in db.session.scalars(db.select(Project).where(condition))}

    for query in (
        "长寿",
        "寿路",
        "二期",
        "abc",
        "ＡＢＣ",
        "ABC-12",
        "公用事业",
        "长寿 改造",
        road.number,
        road.number[-4:],
        "寿",
    ):
        assert found(query) == {road.name}, query
    assert len(found("改造工程")) == 2
    assert found("寿长") == set()
    assert found("路二期改") == set()  # a bracket stands between
    assert found("' OR 1=1 --") == set()
    assert found('"*^(浏阳 -工程') == {road.name}
    assert matching(Project, "（）——") is None


def test_counting_stops_where_an_exact_number_says_no_more(sqlite_app: Flask):
    bureau()
    assert count_up_to_limit(db.select(Bureau)) == 137
    assert COUNT_LIMIT == 500
    assert grams("长寿路", None, "") == "长寿 寿路 路"


@pytest.mark.rule("L1")
def test_each_tier_gives_its_level(sqlite_app: Flask):
    assert LEVEL_OF_TIER == {Tier.PROVINCE: DataLevel.A, Tier.CITY: DataLevel.B, Tier.COUNTY: DataLevel.C}
    county, city, province = (bureau(code) for code in ("430181", "430100", "430000"))
    assert (county.city_id, city.city_id, province.city_id) == (city.id, city.id, None)


@pytest.mark.rule("A3")
def test_every_word_has_a_label_and_no_two_words_of_a_kind_share_one():
    kinds = Word.__subclasses__()
    assert len(kinds) > 20
    for kind in kinds:
        labels = [member.label for member in kind]
        assert all(labels), kind
        assert len(set(labels)) == len(labels), kind
        assert [kind.by_label(label) for label in labels] == list(kind)
    assert Role.by_label("没有这个岗位") is None
