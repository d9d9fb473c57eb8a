"""Every event of the trail has its sentence, for the public and for staff (rule T7)."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template_string

from portal.config import ROOT
from portal.domain.trail import DETAILS, Event

VALUES: dict[str, Any] = {
    "kind": "correction", "route": "notice", "sections": ["contract", "bidding"], "channel": "clerk", "project": "P-1",
    "exception": None, "method": "site_visit", "matter": "content", "finding": "true", "files": 2, "to": "parent",
    "provisional": True, "objections": 1, "section": "contract", "version": 2, "level": "C", "grounds": 2,
    "identity": "confidential", "disposition": "upheld", "roles": ["clerk"], "year": 2027, "days": 30, "changed": 2,
    "years": [2026],
}  # fmt: skip
DAYS = {"day", "first_day", "last_day", "old_last_day", "new_last_day", "valid_from"}
ONLY_STAFF = {"staff:wang", "YY-1", "JD-1", "某某说"}


def detail(event: Event) -> dict[str, Any]:
    """What an entry of this event may say, each key with something plausible in it."""
    texts = {"number": "JD-1", "objection": "YY-1", "proposed_by": "staff:wang", "reason": "某某说", "notice": "GS-1"}
    said = {key: VALUES.get(key, texts.get(key, "文字")) for key in DETAILS.get(event, ())}
    return said | dict.fromkeys(DAYS & set(said), "2026-10-13")


def sentence(event: Event, *, staff: bool) -> str:
    facts = {
        "event": event.value, "at": "2026-10-09T02:00:00Z", "actor": "staff:wang", "as": "decider",
        "detail": detail(event),
        "subject": {"kind": "objection", "ref": "YY-1"},
    }  # fmt: skip
    entry = SimpleNamespace(event=event.value, at=datetime(2026, 10, 9, 2, tzinfo=UTC))
    return render_template_string(
        '{% from "trail/_history.html" import history_list %}{{ history_list([(entry, facts)], staff) }}',
        entry=entry,
        facts=facts,
        staff=staff,
    )


@pytest.mark.rule("T7")
@pytest.mark.parametrize("event", list(Event), ids=str)
def test_an_event_reads_as_a_chinese_sentence(sqlite_app: Flask, event: Event) -> None:
    with sqlite_app.test_request_context():
        for staff in (False, True):
            said = sentence(event, staff=staff)
            assert "。</p>" in said.replace("。\n</p>", "。</p>")
            assert "办理记录。" not in said
            assert "2026年10月9日 10:00" in said


@pytest.mark.rule("T7")
@pytest.mark.parametrize("event", list(Event), ids=str)
def test_the_public_reads_no_person_and_no_filing_number(sqlite_app: Flask, event: Event) -> None:
    published_reasons = {
        Event.NOTICE_RETRACTED, Event.WINDOW_MOVED, Event.EXCEPTION_PROPOSED, Event.EXCEPTION_CONFIRMED,
        Event.RECORD_DELETED, Event.RECORD_CORRECTED, Event.DEFICIENCIES_LISTED, Event.PUBLICATION_GAP_ACCEPTED,
    }  # fmt: skip
    published = {"某某说"} if event in published_reasons else set()
    published |= {"JD-1"} if event is Event.CIRCULAR_PUBLISHED else set()  # its own number, which everybody may read
    secret = ONLY_STAFF - published
    with sqlite_app.test_request_context():
        said = sentence(event, staff=False)
        assert not [word for word in secret if word in said]
        assert "staff:wang" in sentence(event, staff=True)


def test_no_sentence_is_left_over() -> None:
    written = {path.stem for path in (ROOT / "templates" / "trail").glob("[a-z]*.html")}
    assert written == {event.value for event in Event}
