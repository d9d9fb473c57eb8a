"""Limits that shut nobody out: a proof or a short wait where filings come thick, a pause for whoever guesses codes."""

from __future__ import annotations

import base64
import html
import json
import re
from datetime import date, timedelta

import pytest
from altcha.v1 import Challenge, solve_challenge
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jobs import sweep_tickets
from portal import clock
from portal.domain import limits, policy
from portal.extensions import db
from portal.models.limit_count import LimitCount
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import Role
from portal.web.visitors import key_of
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.reading import words

NOON = at("2026-10-09 12:00")


@pytest.mark.rule("O4")
def test_wrong_pairs_are_counted_for_their_address_and_for_their_number(app: Flask):
    for _ in range(10):
        assert limits.wrong_excess("somebody", "YY-1", now=NOON) == 0
        done(lambda: limits.wrong_pair("somebody", "YY-1", now=NOON))
    assert limits.wrong_excess("somebody", "YY-2", now=NOON) == 1
    assert limits.wrong_excess("somebody else", "YY-1", now=NOON) == 0
    for number in range(10):
        done(lambda number=number: limits.wrong_pair(f"guesser {number}", "YY-1", now=NOON))  # type: ignore[misc]
    assert limits.wrong_excess("somebody else", "YY-1", now=NOON) == 1
    assert limits.wrong_excess("somebody else", "YY-2", now=NOON) == 0
    assert limits.wrong_excess("somebody", "YY-1", now=NOON + timedelta(hours=1)) == 0


def test_filings_are_counted_for_their_address_and_for_what_they_are_about(app: Flask):
    assert limits.excess("a", "notice:1", now=NOON) == 0
    for _ in range(6):
        done(lambda: limits.note_filing("a", "notice:1", now=NOON))
    assert limits.excess("a", "notice:2", now=NOON) == 1
    assert limits.excess("b", "notice:1", now=NOON) == 0
    for number in range(60):
        done(lambda number=number: limits.note_filing(f"somebody {number}", "notice:9", now=NOON))  # type: ignore[misc]
    assert limits.excess("b", "notice:9", now=NOON) == 1
    assert limits.excess("a", "notice:2", now=NOON + timedelta(hours=1)) == 0


def test_counts_are_forgotten_after_a_day(app: Flask):
    done(lambda: limits.note_filing("a", "notice:1", now=NOON))
    sweep_tickets.run(now=NOON + timedelta(hours=20))
    assert db.session.scalar(select(func.count()).select_from(LimitCount)) == 2
    sweep_tickets.run(now=NOON + timedelta(hours=26))
    assert db.session.scalar(select(func.count()).select_from(LimitCount)) == 0


@pytest.mark.rule("C7")
def test_an_address_is_known_only_by_a_hash_that_changes_every_day(sqlite_app: Flask, time_is: SetClock):
    with sqlite_app.test_request_context():
        time_is("2026-10-09 12:00")
        today = key_of("203.0.113.7")
        assert "203.0.113" not in today
        assert key_of("203.0.113.7") == today != key_of("203.0.113.8")
        assert key_of("::ffff:203.0.113.7") == today
        assert key_of("2001:db8::1") == key_of("2001:db8::2") != key_of("2001:db8:0:1::1")
        assert key_of("no address at all")
        time_is("2026-10-10 12:00")
        assert key_of("203.0.113.7") != today


@pytest.fixture
def crowded(client: FlaskClient, time_is: SetClock) -> str:
    """Address of the check page's form of an objection, from a network that has filed six already."""
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    crowd(client, notice)
    return ready(client, notice)


def ready(client: FlaskClient, notice: Notice, *, address: str = "127.0.0.1") -> str:
    """Address to which an objection that is filled in is sent, begun from a network."""
    url: str = file(client, f"/notices/{notice.reference}/filings", address=address).location
    client.post(f"{url}/identity", data={"mode": "anonymous"})
    client.post(f"{url}/grounds", data={"ground-0": "合同金额与中标通知书不一致"})
    return url


def crowd(client: FlaskClient, notice: Notice) -> None:
    """Six filings of this hour from the network of the tests."""
    with client.application.test_request_context():
        mine = key_of("127.0.0.1")
    for _ in range(6):
        done(lambda: limits.note_filing(mine, f"notice:{notice.id}", now=clock.now()))


def file(client: FlaskClient, url: str, *, address: str = "127.0.0.1", **more: str):
    return client.post(url, data=more, environ_base={"REMOTE_ADDR": address})


def filed() -> int:
    return db.session.scalar(select(func.count()).select_from(Objection)) or 0


def asked_on(page: str) -> tuple[str, str]:
    """Challenge and waiting token of a page."""
    challenge = re.search(r'data-challenge="([^"]+)"', page)
    waited = re.search(r'name="waited" value="([^"]+)"', page)
    assert challenge
    assert waited
    return html.unescape(challenge[1]), waited[1]


def solved(challenge: str) -> str:
    said = json.loads(challenge)
    solution = solve_challenge(
        Challenge(said["algorithm"], said["challenge"], said["maxNumber"], said["salt"], said["signature"])
    )
    assert solution
    answer = {key: said[key] for key in ("algorithm", "challenge", "salt", "signature")} | {"number": solution.number}
    return base64.b64encode(json.dumps(answer).encode()).decode()


@pytest.mark.rule("O1", "O4")
def test_from_a_busy_network_an_objection_costs_a_computation_and_is_filed(client: FlaskClient, crowded: str):
    refusal = file(client, crowded)
    assert refusal.status_code == 429
    assert "已保存" in words(refusal.text)
    assert filed() == 0
    challenge, _ = asked_on(refusal.text)
    assert "合同金额与中标通知书不一致" in refusal.text
    assert file(client, crowded, proof=solved(challenge)).status_code == 303
    assert filed() == 1


@pytest.mark.rule("O1")
def test_without_javascript_a_wait_is_enough(client: FlaskClient, crowded: str, time_is: SetClock):
    _, waited = asked_on(file(client, crowded).text)
    time_is("2026-10-09 10:00:05")
    assert file(client, crowded, waited=waited).status_code == 429
    time_is("2026-10-09 10:05")
    assert file(client, crowded, waited=waited).status_code == 303
    assert filed() == 1


def test_a_proof_is_good_for_one_filing_about_one_matter(client: FlaskClient, crowded: str):
    challenge, waited = asked_on(file(client, crowded).text)
    proof = solved(challenge)
    assert file(client, crowded, proof=proof).status_code == 303
    other = builders.notice(published_at=at("2026-09-30 10:00"))
    again = ready(client, other)
    for made_up in (proof, "", "x", base64.b64encode(b"[1]").decode(), base64.b64encode(b'{"salt": 7}').decode()):
        assert file(client, again, proof=made_up, waited=waited).status_code == 429
    assert filed() == 1


@pytest.mark.rule("O4")
def test_a_proof_is_not_good_again_after_the_turn_of_the_hour(client: FlaskClient, crowded: str, time_is: SetClock):
    challenge, waited = asked_on(file(client, crowded).text)
    proof = solved(challenge)
    assert file(client, crowded, proof=proof).status_code == 303
    notice = db.session.scalars(db.select(Notice)).one()
    time_is("2026-10-09 11:00")
    crowd(client, notice)
    again = ready(client, notice)
    assert file(client, again, proof=proof).status_code == 429
    assert file(client, again, waited=waited).status_code == 303  # the wait was not used
    last = ready(client, notice)
    assert file(client, last, waited=waited).status_code == 429
    assert filed() == 2


def test_a_wait_that_has_begun_goes_on_however_often_the_page_is_sent_too_early(
    client: FlaskClient, crowded: str, time_is: SetClock
):
    refusal = file(client, crowded)
    _, waited = asked_on(refusal.text)
    assert refusal.headers["Retry-After"] == "30"
    assert re.search(r"请在10:0\d:\d\d之后（约30秒）再点提交", refusal.text)
    time_is("2026-10-09 10:00:20")
    early = file(client, crowded, waited=waited)
    assert early.status_code == 429
    assert 0 < int(early.headers["Retry-After"]) < 30
    assert asked_on(early.text)[1] == waited
    time_is("2026-10-09 10:05")
    assert file(client, crowded, waited=waited).status_code == 303


@pytest.mark.rule("O1", "O4")
def test_under_a_flood_an_honest_filing_still_gets_its_receipt(client: FlaskClient, time_is: SetClock):
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))

    def begun(address: str) -> str:
        return ready(client, notice, address=address)

    def filed_from(address: str) -> int:
        return file(client, begun(address), address=address).status_code

    # one address floods, and then many do: each gets through as often as the limits say, and no further
    from_one = [filed_from("203.0.113.7") for _ in range(15)]
    assert from_one == [303] * 6 + [429] * 9
    from_many = [filed_from(f"198.51.100.{number}") for number in range(70)]
    assert from_many == [303] * 54 + [429] * 16
    assert filed() == 60

    # neighbours of the flood, and strangers: a proof, or a wait, and there is the receipt
    for address in ("203.0.113.7", "192.0.2.1"):
        by_script, by_waiting = begun(address), begun(address)
        challenge, _ = asked_on(file(client, by_script, address=address).text)
        _, waited = asked_on(file(client, by_waiting, address=address).text)
        sent = file(client, by_script, address=address, proof=solved(challenge))
        assert sent.status_code == 303
        assert "查询码" in client.get(sent.location).text
        for _ in range(3):  # the flood goes on meanwhile
            assert filed_from(address) == 429
        time_is("2026-10-09 10:10" if address == "203.0.113.7" else "2026-10-09 10:20")
        sent = file(client, by_waiting, address=address, waited=waited)
        assert sent.status_code == 303
        assert "查询码" in client.get(sent.location).text
    assert filed() == 64


def test_two_visitors_at_the_same_second_each_have_a_wait_of_their_own(
    client: FlaskClient, crowded: str, time_is: SetClock
):
    notice = db.session.scalars(db.select(Notice)).one()
    other = ready(client, notice)
    waits = [asked_on(file(client, url).text)[1] for url in (crowded, other)]
    time_is("2026-10-09 10:05")
    assert [
        file(client, url, waited=waited).status_code for url, waited in zip((crowded, other), waits, strict=True)
    ] == [303, 303]


def test_the_limits_in_force_are_published(client: FlaskClient):
    page = words(client.get("/limits").text)
    for said in ("6件以内", "60件以内", "不符10次以内", "不符20次以内", "最多20条", "不保存地址本身", "60次以内"):
        assert said in page


def test_the_limits_of_subscribing_are_published_with_the_others(client: FlaskClient):
    page = client.get("/limits").text
    for said in ("每小时最多申请10次", "一天最多收3封确认信", "最多有20个订阅"):
        assert said in words(page)
    assert 'href="/alerts"' in page


def test_a_limit_that_was_changed_is_published_as_it_is_now(client: FlaskClient, time_is: SetClock):
    time_is("2026-10-09 10:00")
    one, other = (builders.acting(Role.DECIDER, bureau_code="430000") for _ in range(2))
    done(
        lambda: policy.enact(
            "limits.filings_per_address", 8, date(2026, 10, 9), "按运行情况调整", entered_by=one, confirmed_by=other,
            now=at("2026-10-08 10:00"),
        )
    )  # fmt: skip
    assert "8件以内" in words(client.get("/limits").text)
