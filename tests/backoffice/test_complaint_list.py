"""The list of complaints by the day something is due; two officers at once; whatever is sent to the desk."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.domain import dialogue
from portal.extensions import db
from tests.backoffice.conftest import SetClock
from tests.backoffice.test_complaints import AtDesk, officer, shown
from tests.builders import COUNTY, at, done
from tests.complaints import NOW, OUTCOME, complain, conclude, events_of, handler, take


@pytest.mark.rule("C3")
def test_the_list_runs_by_the_day_something_is_due(app: Flask, at_any_desk: AtDesk, time_is: SetClock) -> None:
    late, soon, far = (complain(now=at(f"2026-{day} 10:00")) for day in ("09-20", "10-01", "10-20"))
    answered, city = complain(now=at("2026-09-01 10:00")), handler()
    take(answered, city, now=at("2026-09-02 10:00"))
    conclude(answered, city, now=at("2026-09-03 10:00"))
    done(lambda: dialogue.say(soon, "请问进展如何", now=NOW))
    numbers = {"late": late.number, "soon": soon.number, "far": far.number, "answered": answered.number}
    time_is("2026-10-12 09:00")
    desk = at_any_desk(officer())

    def listed(query: str) -> list[str]:
        page = desk.get(f"/office/complaints{query}").text
        found = re.findall(r'<a href="/office/complaints/(TS[^"]+)">', page)
        return [name for number in found for name, known in numbers.items() if known == number]

    assert listed("") == ["late", "soon", "far"]
    assert listed("?view=overdue") == ["late"]
    assert listed("?view=soon") == ["soon"]
    assert listed("?view=all") == ["answered", "far", "soon", "late"]
    assert listed("?status=concluded") == ["answered"]
    assert listed("?matter=delay") == []
    page = desk.get("/office/complaints").text
    assert "已超期7天" in page
    assert "还剩4天" in page
    assert page.count("有新留言") == 1
    assert re.search(r"已超期 <span class=\"count\">1</span>", page)


def test_a_long_list_has_pages_that_miss_nothing_and_asks_little(
    sqlite_app: Flask, at_desk: AtDesk, statements: list[str]
) -> None:
    for _ in range(60):
        complain()
    desk = at_desk(officer())

    def numbers(query: str) -> tuple[list[str], list[str]]:
        page = desk.get(query).text
        nexts = re.findall(r'rel="next" href="([^"]+)"', page)
        return re.findall(r'<a href="/office/complaints/(TS[^"]+)">', page), [n.replace("&amp;", "&") for n in nexts]

    for view in ("open", "all"):
        statements.clear()
        first, more = numbers(f"/office/complaints?view={view}")
        assert len(first) == 50
        assert len(statements) < 16, statements
        second, end = numbers(more[0])
        assert len(second) == 10
        assert len(set(first + second)) == 60
        assert end == []


def test_whoever_comes_second_is_told_and_keeps_what_he_wrote(sqlite_app: Flask, at_desk: AtDesk) -> None:
    filed = complain()
    take(filed, handler(), now=NOW)
    address = f"/office/complaints/{filed.number}"
    first, second = at_desk(officer()), at_desk(officer())
    said = {"conclusion-finding": "unsubstantiated", "conclusion-outcome": OUTCOME}
    shown(first, filed.number)
    shown(second, filed.number)
    assert first.post(f"{address}/conclusion", said).status_code == 303
    late = second.post(f"{address}/conclusion", said | {"conclusion-outcome": OUTCOME + "，另有说明"})
    assert late.status_code == 409
    assert "当前状态为“已答复”" in late.text
    assert "另有说明" in late.text
    db.session.expire_all()
    assert filed.rounds[0].outcome == OUTCOME


@pytest.mark.rule("C4")
def test_answered_by_several_at_once_it_has_one_answer(app: Flask, at_any_desk: AtDesk) -> None:
    filed = complain()
    take(filed, handler(), now=NOW)
    number, address = filed.number, f"/office/complaints/{filed.number}/conclusion"
    desks = [at_any_desk(officer()) for _ in range(4)]
    for desk in desks:
        shown(desk, number)

    def answer(at: int) -> int:
        said = {"conclusion-finding": "partly", "conclusion-outcome": f"{OUTCOME}，第{at}人的意见"}
        return desks[at].post(address, said).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(answer, range(4))) == [303, 409, 409, 409]
    db.session.expire_all()
    assert events_of(filed).count("complaint_concluded") == 1
    assert len(filed.rounds) == 1


@pytest.mark.rule("C2")
def test_the_search_box_finds_it_for_its_own_desk_only(sqlite_app: Flask, at_desk: AtDesk) -> None:
    number = complain().number
    own, other = at_desk(officer()), at_desk(officer(COUNTY))
    assert own.get(f"/office/search?q={number.lower()}").location == f"/office/complaints/{number}"
    assert number not in other.get(f"/office/search?q={number}").location.split("?")[0]


HOSTILE = ("", "-1", "²", "9" * 40, "' OR 1=1 --", "<script>alert(1)</script>{{ 7*7 }}", "a\r\nX: y", "长" * 5000)
ACTS = {
    "transfer": ("transfer-to", "transfer-reason"), "registration": (), "acceptance": (),
    "extension": ("extension-reason",), "conclusion": ("conclusion-finding", "conclusion-outcome"),
    "refusal": ("refusal-reason",), "messages": ("messages-text",), "recusal": ("recusal-reason",),
}  # fmt: skip


def test_hostile_fields_and_numbers_are_answered_in_chinese(app: Flask, at_any_desk: AtDesk) -> None:
    desk = at_any_desk(officer())
    for value in HOSTILE:
        number = complain().number
        shown(desk, number)
        for query in ("view", "status", "matter", "from", "before", "after"):
            assert desk.client.get("/office/complaints", query_string={query: value}).status_code == 200
        for address in (f"/office/complaints/{value or 'x'}", f"/office/complaints/{number}/files/{value or 'x'}"):
            assert desk.client.get(address).status_code == 404
        for act, names in ACTS.items():
            answer = desk.post(f"/office/complaints/{number}/{act}", dict.fromkeys(names, value))
            assert answer.status_code < 500, (act, value)
            assert "<script>alert" not in answer.text
            assert answer.status_code == 303 or re.search("[\u4e00-\u9fff]", answer.text)
    assert desk.client.get(f"/office/complaints/{number}/files/99999999999999999999").status_code in (403, 404)
    number = complain().number
    shown(desk, number)
    for act, names in ACTS.items():
        files = {name: (io.BytesIO(b"%PDF"), "文件.pdf") for name in names}  # where words belong
        sent = desk.post(f"/office/complaints/{number}/{act}", files, content_type="multipart/form-data")
        assert sent.status_code < 500, act
