"""Until when an objection is one, by the server's clock, and the complaint it becomes afterwards (rules O1, O9)."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.domain.errors import NotAllowedNow
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import Role
from tests import builders
from tests.builders import acting, at, done
from tests.public.conftest import SetClock
from tests.public.objecting import REASON, begin, count, fill_in, object_to, receipt_of, send
from tests.public.reading import words
from tests.support.files import PDF

NOW = "2026-10-09 10:00"


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice whose window ends with 13 October, on the morning of the 9th."""
    time_is(NOW)
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.mark.rule("O1")
@pytest.mark.parametrize(("moment", "kind"), [("2026-10-13 23:59:59", Objection), ("2026-10-14 00:00", Complaint)])
def test_the_servers_clock_decides_at_the_end_of_the_last_day(
    client: FlaskClient, notice: Notice, time_is: SetClock, moment: str, kind: type
) -> None:
    time_is(moment)
    receipt_of(client, object_to(client, notice))
    assert count(kind) == 1
    assert count(Objection) + count(Complaint) == 1


@pytest.mark.rule("O1", "N5")
def test_while_the_last_day_is_only_guessed_nobody_is_too_late(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2027-01-20 10:00")
    notice = builders.notice(published_at=at("2026-12-25 10:00"))
    receipt_of(client, object_to(client, notice))
    assert (count(Objection), count(Complaint)) == (1, 0)


@pytest.mark.rule("O1")
def test_what_was_begun_in_time_counts_for_half_an_hour_more(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    time_is("2026-10-13 23:50")
    in_time, too_slow = begin(client, notice), begin(client, notice)
    assert "2026年10月14日 00:30前提交的仍算按时" in words(client.get(in_time + "/identity").text)
    time_is("2026-10-14 00:29")
    assert "您在届满前已经开始填写" in words(client.get(in_time + "/identity").text)
    fill_in(client, in_time)
    receipt_of(client, send(client, in_time))
    time_is("2026-10-14 00:30")
    fill_in(client, too_slow)
    receipt_of(client, send(client, too_slow))
    assert (count(Objection), count(Complaint)) == (1, 1)


@pytest.mark.rule("O1")
def test_who_began_in_the_morning_and_is_at_work_before_the_end_has_the_half_hour_too(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    time_is("2026-10-13 09:00")
    at_work, gone_home = begin(client, notice), begin(client, notice)
    fill_in(client, gone_home)
    time_is("2026-10-13 23:58")
    fill_in(client, at_work)
    time_is("2026-10-14 00:29")
    for url in (at_work, gone_home):
        receipt_of(client, send(client, url))
    assert (count(Objection), count(Complaint)) == (1, 1)
    with pytest.raises(NotAllowedNow):  # held by nobody any more, but contested
        done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:05")))


@pytest.mark.rule("O1", "N9")
def test_a_slow_upload_holds_its_window_from_its_arrival_on(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    time_is("2026-10-13 15:00")
    url = begin(client, notice)
    fill_in(client, url)  # its ticket runs out at five in the afternoon
    time_is("2026-10-13 23:58")

    class SlowBody(io.BytesIO):
        """A body whose bytes take a quarter of an hour; the clock that closes windows goes on meanwhile."""

        slow = True

        def read(self, size: int | None = -1, /) -> bytes:
            if self.slow:
                self.slow = False
                time_is("2026-10-14 00:13")
                with pytest.raises(NotAllowedNow, match="仍在提交中"):
                    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:13")))
            return super().read(size)

    boundary, large = "x", PDF + b"%" + b"." * 100_000
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'.encode()
        + large
        + f"\r\n--{boundary}--\r\n".encode()
    )
    answer = client.post(
        url + "/files/0",
        input_stream=SlowBody(body),
        content_type=f"multipart/form-data; boundary={boundary}",
        content_length=len(body),
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "a.pdf" in answer.text
    receipt_of(client, send(client, url))
    (ground,) = db.session.scalars(select(Objection)).one().grounds
    assert [file.name for file in ground.evidence] == ["a.pdf"]


@pytest.mark.rule("O9", "C2")
def test_too_late_becomes_a_complaint_that_says_so_and_loses_nothing(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    time_is("2026-10-13 12:00")
    url = begin(client, notice)
    fill_in(client, url, files={0: [("证据.pdf", PDF)]})
    time_is("2026-10-14 10:00")

    page = words(client.get(url + "/check").text)
    assert "您提交的内容将作为投诉举报受理" in page
    assert "由长沙市住房和城乡建设局办理，不转给被反映的浏阳市住房和城乡建设局" in page
    assert REASON in page
    assert "证据.pdf" in page
    answer = send(client, url)

    number, _ = receipt_of(client, answer)
    complaint = db.session.scalars(select(Complaint)).one()
    assert number == complaint.number
    assert complaint.text == REASON
    assert [file.name for file in complaint.evidence] == ["证据.pdf"]
    assert complaint.bureau.name == "长沙市住房和城乡建设局"
    shown = words(client.get(answer.location).text)
    assert "已作为投诉举报收到" in shown
    assert "不晚于2026年10月29日 星期四（15日内）" in shown


@pytest.mark.rule("O9", "N2")
def test_about_a_closed_or_retracted_notice_one_complains(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))
    receipt_of(client, object_to(client, notice))
    time_is(NOW)
    back = builders.notice(published_at=at("2026-09-30 10:00"))
    publisher = acting(Role.PUBLISHER)
    done(lambda: notices.retract(back, "承包单位名称有误", actor=publisher, now=at("2026-10-08 10:00")))
    url = begin(client, back)
    assert "本公示已经撤回" in client.get(url + "/identity").text
    fill_in(client, url)
    receipt_of(client, send(client, url))
    assert (count(Objection), count(Complaint)) == (0, 2)
