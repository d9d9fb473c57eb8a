"""Limits that shut nobody out: a proof or a short wait where filings come thick, a pause for whoever guesses codes."""

from __future__ import annotations

import base64
import html
import json
import re
from datetime import timedelta

import pytest
from altcha.v1 import Challenge, solve_challenge
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jobs import sweep_tickets
from portal import clock
from portal.domain import limits
from portal.domain.limits import TooMany
from portal.extensions import db
from portal.models.limit_count import LimitCount
from portal.models.objection import Objection
from portal.web.visitors import key_of
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.reading import words

NOON = at("2026-10-09 12:00")


@pytest.mark.rule("O4")
def test_ten_wrong_pairs_an_hour_and_then_a_pause_that_ends(app: Flask):
    for _ in range(10):
        limits.may_try("somebody", now=NOON)
        done(lambda: limits.wrong_pair("somebody", now=NOON))
    with pytest.raises(TooMany) as caught:
        limits.may_try("somebody", now=NOON + timedelta(minutes=20))
    assert (caught.value.status, "40分钟后" in caught.value.message) == (429, True)
    limits.may_try("somebody else", now=NOON)
    limits.may_try("somebody", now=NOON + timedelta(hours=1))


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
    with client.application.test_request_context():
        mine = key_of("127.0.0.1")
    for _ in range(6):
        done(lambda: limits.note_filing(mine, f"notice:{notice.id}", now=clock.now()))
    return client.post(f"/notices/{notice.reference}/filings").location


def file(client: FlaskClient, url: str, **more: str):
    return client.post(url, data={"mode": "anonymous", "ground-0": "合同金额与中标通知书不一致", **more})


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
    assert file(client, crowded, waited=waited).status_code == 429
    time_is("2026-10-09 10:01")
    assert file(client, crowded, waited=waited).status_code == 303
    assert filed() == 1


def test_a_proof_is_good_for_one_filing_about_one_matter(client: FlaskClient, crowded: str):
    challenge, waited = asked_on(file(client, crowded).text)
    proof = solved(challenge)
    assert file(client, crowded, proof=proof).status_code == 303
    other = builders.notice(published_at=at("2026-09-30 10:00"))
    again = client.post(f"/notices/{other.reference}/filings").location
    for made_up in (proof, "", "x", base64.b64encode(b"[1]").decode(), base64.b64encode(b'{"salt": 7}').decode()):
        assert file(client, again, proof=made_up, waited=waited).status_code == 429
    assert filed() == 1


def test_the_limits_in_force_are_published(client: FlaskClient):
    page = words(client.get("/limits").text)
    assert "每小时提交6件以内" in page
    assert "不保存地址本身" in page
