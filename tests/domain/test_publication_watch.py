"""公示监测: looks at a notice, gaps in its window, and that a gap waits for a person: rule N7."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.clock import beijing_date
from portal.domain import notices, publication_gaps, publication_watch
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound, RuleViolation
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.notice import WindowChange
from portal.models.publication_sighting import PublicationGap, PublicationSighting
from portal.models.words import GapDecision, NoticeStatus, Role, SightingOutcome, Status
from tests.builders import acting, at, done, notice, objection
from tests.domain.office import close, database_refuses, office, over, refused, said, sweep
from tests.watching import gap, looked

FROZEN = "a" * 64
WHY = "机房停电，已张贴纸质公示"
# the notice of these stories is published on 30 September and ends with 13 October 2026; 8 and 9, 10, 12 and 13 count
MORNING, NOON, LATE = "2026-10-09 08:00", "2026-10-09 12:00", "2026-10-13 22:40"


def gaps() -> list[PublicationGap]:
    return list(db.session.scalars(db.select(PublicationGap).order_by(PublicationGap.id)))


@pytest.mark.rule("N7")
@pytest.mark.parametrize(
    ("status", "shown", "outcome"),
    [
        (200, FROZEN, SightingOutcome.SEEN),
        (200, "b" * 64, SightingOutcome.DIFFERENT),
        (200, "", SightingOutcome.ABSENT),
        (404, FROZEN, SightingOutcome.ABSENT),
        (301, "", SightingOutcome.ABSENT),
        (500, "", SightingOutcome.UNREACHABLE),
        (503, FROZEN, SightingOutcome.UNREACHABLE),
        (429, "", SightingOutcome.UNREACHABLE),
        (None, "", SightingOutcome.UNREACHABLE),
    ],
)
def test_only_a_page_that_shows_the_published_content_counts_as_seen(status, shown, outcome):
    assert publication_watch.judge(status, shown, FROZEN) is outcome


@pytest.mark.rule("N7")
def test_each_look_is_a_line_of_the_ledger_and_the_notice_knows_the_sum(app: Flask):
    published = notice()
    looked(published, MORNING)
    looked(published, NOON)
    lines = db.session.scalars(db.select(PublicationSighting).order_by(PublicationSighting.id)).all()
    assert [(line.outcome, line.http_status, line.content_hash) for line in lines] == [
        (SightingOutcome.SEEN, 200, published.content_hash)
    ] * 2
    assert (published.sightings, published.last_seen_at, published.unseen_since) == (2, at(NOON), None)
    assert (published.gaps, published.gap_undecided) == (0, False)
    for change in ("UPDATE publication_sighting SET outcome = 'absent'", "DELETE FROM publication_sighting"):
        assert "publication_sighting" in database_refuses(change)


@pytest.mark.rule("N7")
def test_a_look_before_its_turn_or_at_a_closed_notice_is_not_written(app: Flask):
    published, quiet = notice(), notice()
    looked(published, MORNING)
    refused(lambda: looked(published, at(MORNING) + timedelta(minutes=179)), NotAllowedNow, rule="N7")
    looked(published, at(MORNING) + timedelta(minutes=180), SightingOutcome.ABSENT)
    refused(lambda: looked(published, at(MORNING) + timedelta(minutes=189)), NotAllowedNow, rule="N7")
    looked(published, at(MORNING) + timedelta(minutes=190))
    close(quiet)
    refused(lambda: looked(quiet, "2026-10-14 09:00"), NotAllowedNow, rule="N7")


@pytest.mark.rule("N7")
def test_a_short_failure_is_tolerated_and_a_time_without_looks_is_no_gap(app: Flask):
    published = notice()
    gap(published, MORNING, "2026-10-09 09:00")  # sixty minutes: not more than is tolerated
    looked(published, "2026-10-12 20:00")  # nobody looked for three days
    assert (gaps(), published.gap_undecided, published.sightings) == ([], False, 2)
    assert close(published).status is Status.APPROVED


@pytest.mark.rule("N7")
@pytest.mark.parametrize(
    "outcome", [SightingOutcome.ABSENT, SightingOutcome.DIFFERENT, SightingOutcome.UNREACHABLE], ids=str
)
def test_a_gap_in_the_window_is_found_while_it_lasts_and_stops_the_closing(app: Flask, outcome: SightingOutcome):
    published = notice()
    looked(published, MORNING, outcome)
    looked(published, "2026-10-09 08:50", outcome)
    assert gaps() == []
    looked(published, "2026-10-09 09:01", outcome)
    [found] = gaps()
    assert (found.began_at, found.ended_at, found.decision) == (at(MORNING), None, None)
    assert said(Event.PUBLICATION_GAP_FOUND)["detail"] == {"notice": published.reference}
    looked(published, "2026-10-09 09:20")
    assert (found.ended_at, published.unseen_since, published.gaps) == (at("2026-10-09 09:20"), None, 1)

    refused(lambda: close(published), NotAllowedNow, rule="N7")
    assert sweep(over(published)) == (0, 0)
    assert (published.status, published.application.status) == (NoticeStatus.OPEN, Status.ON_NOTICE)


@pytest.mark.rule("N7")
def test_a_gap_that_reaches_past_the_end_counts_only_within_the_window(app: Flask):
    short, long = notice(), notice()
    looked(short, "2026-10-13 23:10", SightingOutcome.ABSENT)
    looked(long, LATE, SightingOutcome.ABSENT)
    assert sweep(over(short)) == (1, 0)  # fifty minutes of it lie in the window
    assert (short.status, long.status) == (NoticeStatus.CLOSED_CLEAR, NoticeStatus.OPEN)
    refused(lambda: close(long), NotAllowedNow, rule="N7")  # nobody knows yet that it is a gap, and it may be one
    looked(long, "2026-10-14 00:30")
    assert long.gap_undecided
    assert sweep(at("2026-10-14 00:40")) == (0, 0)


@pytest.mark.rule("N7", "N6")
def test_who_extends_gives_back_the_working_days_and_objections_are_taken_again(app: Flask):
    published, desk = notice(), office()
    gap(published, "2026-10-09 16:00", "2026-10-12 09:00")  # Friday, a Saturday that is worked, Sunday, Monday
    done(lambda: publication_gaps.extend(published, WHY, actor=desk.decider, now=at("2026-10-14 09:00")))

    assert beijing_date(published.ends_at - timedelta(seconds=1)) == published.last_day == at("2026-10-19").date()
    [change] = db.session.scalars(db.select(WindowChange))
    assert change.reason == f"公示期内公示曾经中断，延长3个工作日：{WHY}"
    assert (gaps()[0].decision, gaps()[0].reason, published.gap_undecided) == (GapDecision.EXTENDED, WHY, False)
    facts = said(Event.WINDOW_MOVED)
    assert (facts["actor"], facts["as"]) == (desk.decider.name, "decider")
    objection(published, arrived_at=at("2026-10-19 23:00"))
    assert sweep(at("2026-10-19 23:59")) == (0, 0)
    assert sweep(over(published)) == (1, 0)
    assert published.application.status is Status.CONTESTED


@pytest.mark.rule("N7")
def test_a_gap_on_days_that_do_not_count_still_gives_one_day_and_several_are_decided_together(app: Flask):
    published, desk = notice(), office()
    gap(published, "2026-10-01 09:00", "2026-10-01 12:00")  # a holiday
    assert publication_gaps.days_lost(published, gaps()) == 1
    gap(published, "2026-10-09 09:00", "2026-10-09 12:00")
    gap(published, "2026-10-09 15:00", "2026-10-09 18:00")
    assert publication_gaps.days_lost(published, gaps()) == 1
    done(lambda: publication_gaps.extend(published, WHY, actor=desk.decider, now=at("2026-10-12 09:00")))
    assert published.last_day == at("2026-10-14").date()
    assert {each.decision for each in gaps()} == {GapDecision.EXTENDED}


@pytest.mark.rule("N7")
def test_who_accepts_lets_the_window_end_as_published_and_says_why(app: Flask):
    published, desk = notice(), office()
    gap(published, MORNING, NOON)
    done(lambda: publication_gaps.accept(published, f"{WHY}。", actor=desk.decider, now=at("2026-10-14 09:00")))
    assert said(Event.PUBLICATION_GAP_ACCEPTED)["detail"] == {"notice": published.reference, "reason": WHY}
    assert (published.last_day, gaps()[0].decision) == (at("2026-10-13").date(), GapDecision.ACCEPTED)
    assert sweep(at("2026-10-14 09:01")) == (1, 0)
    assert published.application.status is Status.APPROVED


@pytest.mark.rule("N7", "A3", "A4", "A5")
@pytest.mark.parametrize("decide", [publication_gaps.extend, publication_gaps.accept])
def test_only_a_decider_of_the_bureau_who_did_not_verify_decides_with_a_reason_and_once(app: Flask, decide):
    both = acting(Role.VERIFIER, Role.DECIDER)
    published, desk, now = notice(verifier=both), office(), at("2026-10-14 09:00")

    def trying(actor, reason=WHY):
        return lambda: decide(published, reason, actor=actor, now=now)

    refused(trying(desk.decider), NotAllowedNow, rule="N7")  # there is no gap
    looked(published, MORNING, SightingOutcome.ABSENT)
    looked(published, NOON, SightingOutcome.ABSENT)
    assert published.gap_undecided
    refused(trying(desk.decider), NotAllowedNow, rule="N7")  # it is not over
    looked(published, "2026-10-09 13:00")
    refused(trying(desk.publisher), NotAllowed, rule="A3")
    refused(trying(both), NotAllowed, rule="A4")
    refused(trying(office("430182").decider), NotFound, rule="A5")
    refused(trying(office("430100").decider), NotAllowed, rule="S3")
    for reason in ("停电", "停" * 251):
        assert refused(trying(desk.decider, reason), RuleViolation, rule="N7").field == "reason"
    done(trying(desk.decider))
    refused(trying(desk.decider), NotAllowedNow, rule="N7")


@pytest.mark.rule("N7", "N5")
def test_a_window_is_not_extended_into_a_year_nobody_knows(app: Flask):
    published, desk = notice(published_at=at("2026-12-24 10:00")), office()
    assert (published.last_day, published.provisional) == (at("2026-12-31").date(), False)
    gap(published, "2026-12-28 08:00", "2026-12-28 12:00")
    now = at("2026-12-30 09:00")
    refused(lambda: publication_gaps.extend(published, WHY, actor=desk.decider, now=now), NotAllowedNow, rule="N5")
    assert published.gap_undecided


@pytest.mark.rule("N7")
def test_a_notice_with_a_gap_can_be_retracted_and_then_waits_for_nobody(app: Flask):
    published, desk = notice(), office()
    gap(published, MORNING, NOON)
    done(lambda: notices.retract(published, "内容有误，重新公示", actor=desk.publisher, now=at("2026-10-10 09:00")))
    refused(
        lambda: publication_gaps.accept(published, WHY, actor=desk.decider, now=at("2026-10-10 10:00")),
        NotAllowedNow,
        rule="N7",
    )
