"""Where very many filings begin from one network, the next costs a computation or a wait, and loses nothing by it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.domain import limits
from portal.extensions import db
from portal.models.notice import IntakeTicket, Notice
from portal.web.visitors import key_of
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.test_limits import asked_on, file, solved


@pytest.fixture
def busy(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice whose window ends at midnight, and a network that has begun as much as it may: it is a second before."""
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    time_is("2026-10-13 23:59:59")
    begin_many(client)
    return notice


def begin_many(client: FlaskClient) -> None:
    """As many beginnings as the network of the tests has free in this hour."""
    with client.application.test_request_context():
        mine = key_of("127.0.0.1")
    for _ in range(60):
        done(lambda: limits.note_begun(mine, now=clock.now()))


@pytest.mark.rule("O1", "O4")
def test_where_very_many_begin_another_begins_after_a_computation_and_is_still_in_time(
    client: FlaskClient, busy: Notice, time_is: SetClock
):
    button = f"/notices/{busy.reference}/filings"
    asked = file(client, button)
    assert (asked.status_code, asked.headers["Retry-After"]) == (429, "30")
    assert "未启用脚本的，请在00:00:30之后（约30秒）再点开始填写" in words(asked.text)
    assert f'action="{button}"' in asked.text
    challenge, waited = asked_on(asked.text)
    time_is("2026-10-14 00:00:05")
    begin_many(client)
    proof = solved(challenge)
    begun = file(client, button, proof=proof, waited=waited)
    assert begun.status_code == 303
    ticket = db.session.scalars(db.select(IntakeTicket)).one()
    assert (ticket.begun_at, ticket.holds_until) == (at("2026-10-13 23:59:59"), at("2026-10-14 00:30"))
    # one proof, one beginning; and who asks only now comes too late
    late = asked_on(file(client, button, proof=proof).text)
    assert file(client, button, proof=proof, waited=waited).status_code == 429
    time_is("2026-10-14 00:01")
    assert file(client, button, waited=late[1]).status_code == 303
    begun_at = db.select(IntakeTicket.begun_at).order_by(IntakeTicket.id.desc())
    assert db.session.scalars(begun_at).first() == at("2026-10-14 00:00:05")


@pytest.mark.rule("O4")
def test_without_javascript_a_wait_begins_a_complaint_or_an_application_with_all_that_was_chosen(
    client: FlaskClient, busy: Notice, time_is: SetClock
):
    time_is("2026-10-13 23:00:00")
    entry = builders.entry(builders.project())
    wishes = {
        "/complaints": {"notice": busy.reference},
        "/applications": {"project": entry.project.number, "kind": "correction", "entry": str(entry.id)},
    }
    for address, wish in wishes.items():
        asked = file(client, address, **wish)
        assert asked.status_code == 429
        for name, value in wish.items():
            assert f'name="{name}" value="{value}"' in asked.text
        _, waited = asked_on(asked.text)
        assert file(client, address, **wish, waited=waited).status_code == 429
        time_is("2026-10-13 23:00:40" if address == "/complaints" else "2026-10-13 23:01:20")
        begun = file(client, address, **wish, waited=waited)
        assert begun.status_code == 303
        first_step = client.get(begun.location)
        assert first_step.status_code == 200
        assert (busy.reference if address == "/complaints" else entry.project.number) in first_step.text


def test_what_one_network_begins_is_nothing_to_another(client: FlaskClient, busy: Notice):
    assert file(client, f"/notices/{busy.reference}/filings", address="192.0.2.1").status_code == 303


def test_a_wait_for_one_notice_begins_nothing_at_another(client: FlaskClient, busy: Notice, time_is: SetClock):
    other = builders.notice(published_at=at("2026-10-12 10:00"))
    _, waited = asked_on(file(client, f"/notices/{busy.reference}/filings").text)
    time_is("2026-10-14 00:05")
    begin_many(client)
    for made_up in (waited, "", "x", "W10.x"):
        assert file(client, f"/notices/{other.reference}/filings", waited=made_up).status_code == 429
