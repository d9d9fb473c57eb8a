"""The trail: every verb leaves its entry, and no entry ever changes: rules T1, T2, T7."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from portal.config import ROOT
from portal.domain import accounts, decisions, notices, trail
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.canonical import canonical_bytes
from portal.domain.trail import DETAILS, Event
from portal.extensions import db
from portal.models.record import RecordVersion
from portal.models.trail_entry import TrailEntry, case_history
from portal.models.words import Disposition, Role
from tests.builders import MORNING, PASSWORD, application, at, bureau, done, entry, notice, objection, verify
from tests.domain.office import WHY, by_sql, close, database_refuses, history, office, over, rule_all, said


@pytest.mark.rule("T1")
def test_a_whole_story_leaves_one_line_per_act_with_who_as_what_for_whom_and_what_became_of_it(app: Flask):
    desk = office()
    case = verify(application(clerk=desk.clerk), desk.verifier)
    first = done(lambda: notices.publish(case, actor=desk.publisher, now=MORNING))
    done(lambda: notices.retract(first, "附件有误，重新公示", actor=desk.publisher, now=at("2026-10-08 10:00")))
    second = done(lambda: notices.publish(case, actor=desk.publisher, now=at("2026-10-08 11:00")))
    objection(second)
    close(second)
    rule_all(case, Disposition.DISMISSED, desk.decider, now=over(second))
    done(lambda: decisions.conclude_contested(case, WHY, actor=desk.decider, now=over(second)))
    done(lambda: decisions.end_wait(case.id, SYSTEM, now=at("2026-10-30 10:00")))

    clerk, verifier, publisher, decider = desk.clerk.name, desk.verifier.name, desk.publisher.name, desk.decider.name
    written = [
        ("application_received", clerk, "clerk", None, "received"),
        ("verification_recorded", verifier, "verifier", None, None),
        ("application_verified", verifier, "verifier", "received", "verified"),
        ("notice_published", publisher, "publisher", "verified", "on_notice"),
        ("notice_retracted", publisher, "publisher", "on_notice", "verified"),
        ("notice_published", publisher, "publisher", "verified", "on_notice"),
        ("objection_filed", "public", None, None, None),
        ("notice_closed_with_objection", "system:scheduler", "system", "on_notice", "contested"),
        ("ground_ruled", decider, "decider", None, None),
        ("objection_answered", decider, "decider", None, None),
        ("approval_waits", decider, "decider", "contested", "awaiting_recheck"),
        ("application_approved", "system:scheduler", "system", "awaiting_recheck", "approved"),
        ("record_written", "system:scheduler", None, None, None),
    ]
    entries = [trail.facts(each) for each in db.session.scalars(case_history(case.number))]
    assert [
        (e["event"], e["actor"], e["as"], (e["before"] or {}).get("status"), (e["after"] or {}).get("status"))
        for e in entries
    ] == written
    assert {e["bureau"] for e in entries} == {case.bureau.code}
    assert {e["case"] for e in entries} == {case.number}
    instants = [datetime.fromisoformat(e["at"]) for e in entries]
    assert instants == sorted(instants)
    assert instants[0] == MORNING.astimezone(UTC)


@pytest.mark.rule("T1")
def test_accounts_sign_ins_and_imported_records_leave_their_lines_too(app: Flask):
    place = bureau()
    account = done(lambda: accounts.create("wangwu", "王某", place, [Role.CLERK], PASSWORD, actor=SYSTEM, now=MORNING))
    created = said(Event.ACCOUNT_CREATED)
    assert (created["actor"], created["subject"]["ref"]) == (SYSTEM.name, "wangwu")
    assert (created["detail"], created["after"]) == ({"roles": ["clerk"]}, {"bureau": place.code})
    done(lambda: accounts.sign_in(account, False, now=MORNING))
    done(lambda: accounts.sign_in(account, True, now=MORNING))
    done(lambda: accounts.sign_out(account, now=MORNING))
    entry(number="HZ-001")
    events = [each.event for each in db.session.scalars(db.select(TrailEntry).order_by(TrailEntry.id))]
    assert events == ["account_created", "sign_in_refused", "signed_in", "signed_out", "record_imported"]
    imported = said(Event.RECORD_IMPORTED)
    assert imported["subject"]["ref"].endswith("/contract/HZ-001")
    assert imported["after"]["version"] == 1


@pytest.mark.rule("T1")
def test_what_is_not_committed_leaves_no_line(app: Flask):
    case = application()
    before = history(case)
    from portal.extensions import begin_write

    begin_write()
    trail.record(
        Event.APPLICATION_VERIFIED, actor=SYSTEM, now=MORNING, subject=("application", case.number), case=case.number
    )
    db.session.rollback()
    assert history(case) == before


@pytest.mark.rule("T1", "C7")
def test_an_entry_carries_only_what_its_event_may_say(app: Flask):
    for event in Event:
        with pytest.raises(ValueError, match="does not carry"):
            trail.record(event, actor=PUBLIC, now=MORNING, subject=("notice", "GS-1"), detail={"phone": "13800000000"})
    assert {key for allowed in DETAILS.values() for key in allowed}.isdisjoint({"name", "phone", "email", "contact"})


@pytest.mark.rule("T1", "T3")
def test_an_entry_is_known_by_its_salted_commitment_and_a_changed_byte_shows(app: Flask):
    notice()
    entries = list(db.session.scalars(db.select(TrailEntry).order_by(TrailEntry.id)))
    assert trail.first_altered(entries) is None
    assert len({each.salt for each in entries}) == len(entries)
    assert all(canonical_bytes(trail.facts(each)) == each.body for each in entries)
    with db.session.no_autoflush:
        entries[2].body = entries[2].body.replace(b"staff:", b"staff_")
        assert trail.first_altered(entries) is entries[2]
    db.session.rollback()


@pytest.mark.rule("T2")
@pytest.mark.parametrize("table", [TrailEntry.__table__, RecordVersion.__table__], ids=lambda table: table.name)
def test_the_database_refuses_to_change_remove_replace_or_empty_it(app: Flask, table: Any):
    close(notice())
    name, columns = table.name, ", ".join(column.name for column in table.columns)
    count, newest = tuple(by_sql(f"SELECT count(*), max(id) FROM {name}").one())
    assert count > 1
    kept = by_sql(f"SELECT {columns} FROM {name} ORDER BY id").all()
    for column in table.columns:
        database_refuses(f"UPDATE {name} SET {column.name} = {column.name} WHERE id = {newest}")
    database_refuses(f"DELETE FROM {name}")
    database_refuses(f"DELETE FROM {name} WHERE id = {newest}")
    if db.engine.dialect.name == "sqlite":
        database_refuses(f"REPLACE INTO {name} ({columns}) SELECT {columns} FROM {name} WHERE id = {newest}")
        database_refuses(f"INSERT OR REPLACE INTO {name} ({columns}) SELECT {columns} FROM {name}")
        database_refuses(f"UPDATE OR REPLACE {name} SET id = id + 1")
        if table is RecordVersion.__table__:  # another id, the same version of the same entry
            other = columns.replace("id,", "id + 100,", 1)
            database_refuses(f"REPLACE INTO {name} ({columns}) SELECT {other} FROM {name} WHERE id = {newest}")
    else:
        database_refuses(f"TRUNCATE {name} CASCADE")
        database_refuses(
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name} "
            "ON CONFLICT (id) DO UPDATE SET id = excluded.id"
        )
    assert by_sql(f"SELECT {columns} FROM {name} ORDER BY id").all() == kept


@pytest.mark.rule("T7")
def test_the_history_of_a_case_is_its_own_in_order_and_headed_in_chinese(app: Flask):
    first, second = notice(), notice()
    close(second)
    close(first)
    events = [Event(event) for event, _ in history(first.application)]
    assert [event.label for event in events] == ["收件", "核实", "核实属实", "公示", "公示期满无异议", "写入档案"]
    numbers = {each.case_number for each in db.session.scalars(case_history(first.application.number))}
    assert numbers == {first.application.number}


@pytest.mark.rule("T1", "T3")
def test_the_example_in_the_written_format_is_right():
    document = (ROOT / "docs" / "trail-format.md").read_text(encoding="utf-8")
    [body] = re.findall(r"```json\n(.*)\n```", document)
    salt, known_by = re.findall(r"`([0-9a-f]{32,64})` \|", document)
    assert canonical_bytes(json.loads(body)) == body.encode()
    assert hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest() == known_by
    assert set(json.loads(body)["detail"]) <= DETAILS[Event(json.loads(body)["event"])]
