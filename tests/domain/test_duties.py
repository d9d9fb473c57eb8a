"""Who may do what, and who sees what: rules A3, A4, A5."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask

from portal.domain import accounts, permissions
from portal.domain.actor import PUBLIC, SYSTEM, Actor
from portal.domain.errors import NotAllowed, NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.extensions import db
from portal.models.application import applications_within
from portal.models.bureau import bureaus_within
from portal.models.words import Finding, Matter, Role, Tier, VerificationMethod
from tests.builders import (
    COUNTY,
    MORNING,
    PASSWORD,
    acting,
    application,
    bureau,
    done,
    entry,
    notice,
    officer,
    project,
    verify,
)
from tests.domain.office import by_sql, database_refuses, office, refused

# Which duty allows what; written out by hand. Marked (province): only there.
DUTIES = """
    see_cases            clerk verifier publisher decider complaint_handler inspector auditor
    see_records          clerk verifier publisher decider complaint_handler inspector auditor
    receive_application  clerk
    verify               verifier
    publish_notice       publisher
    decide               decider
    see_escalations      clerk verifier publisher decider complaint_handler inspector auditor discipline_officer
    supervise            decider discipline_officer
    import               clerk
    see_calendar         clerk verifier publisher decider complaint_handler inspector auditor calendar_owner \
                         account_administrator
    change_calendar      calendar_owner (province)
    open_exception       decider (province)
"""


@pytest.mark.rule("A3")
def test_each_duty_allows_what_is_written_and_nothing_else():
    for line in DUTIES.strip().splitlines():
        name, *words = line.split()
        province_only = "(province)" in words
        for role in Role:
            for tier in Tier:
                actor = Actor("staff:somebody", frozenset({role}), tier=tier)
                expected = role.value in words and (tier is Tier.PROVINCE or not province_only)
                assert permissions.can(actor, Permission(name)) == expected, (name, role, tier)
    written = {line.split()[0] for line in DUTIES.strip().splitlines()}
    assert written <= {permission.value for permission in Permission}
    assert not any(permissions.can(PUBLIC, permission) for permission in Permission)


@pytest.mark.rule("A3", "A4")
def test_neither_the_auditor_nor_the_account_administrator_nor_the_system_does_case_work_by_permission():
    changing = {
        Permission.RECEIVE_APPLICATION, Permission.VERIFY, Permission.PUBLISH_NOTICE, Permission.DECIDE,
        Permission.SUPERVISE, Permission.IMPORT,
    }  # fmt: skip
    for role in (Role.AUDITOR, Role.ACCOUNT_ADMINISTRATOR, Role.SYSTEM):
        actor = Actor("staff:somebody", frozenset({role}), tier=Tier.PROVINCE)
        assert not any(permissions.can(actor, permission) for permission in changing)


@pytest.mark.rule("A4")
@pytest.mark.parametrize("keeper", [Role.ACCOUNT_ADMINISTRATOR, Role.AUDITOR])
@pytest.mark.parametrize("worker", [Role.VERIFIER, Role.PUBLISHER, Role.DECIDER])
def test_who_gives_accounts_or_audits_gets_no_deciding_duty(sqlite_app: Flask, keeper: Role, worker: Role):
    place = bureau()
    refused(
        lambda: accounts.create("both", "两岗", place, [keeper, worker], PASSWORD, actor=SYSTEM, now=MORNING), rule="A4"
    )


@pytest.mark.rule("A6")
def test_five_wrong_passwords_lock_the_account_and_a_right_one_does_not_open_it_before_its_time(app: Flask):
    from datetime import timedelta

    account = officer(Role.CLERK, username="lisi")
    assert accounts.password_fits("lisi", PASSWORD) == (account.id, True)
    assert accounts.password_fits("lisi", "wrong")[1] is False
    assert accounts.password_fits("nobody", PASSWORD) == (None, False)
    for _ in range(5):
        assert done(lambda: accounts.sign_in(account, False, now=MORNING)) is False
    assert done(lambda: accounts.sign_in(account, True, now=MORNING)) is False
    until = account.locked_until
    assert until is not None
    assert done(lambda: accounts.sign_in(account, True, now=until + timedelta(seconds=1))) is True
    refused(lambda: accounts.create("x", "某", bureau(), [], "short", actor=SYSTEM, now=MORNING), rule="A6")


@pytest.mark.rule("A4")
def test_the_database_too_refuses_that_a_verifier_decides_his_own_case(app: Flask):
    both, desk = acting(Role.VERIFIER, Role.DECIDER), office()
    case = verify(application(clerk=desk.clerk), both)
    words = database_refuses(
        "UPDATE application SET decided_by_id = :officer WHERE id = :id", officer=both.user_id, id=case.id
    )
    assert "does not decide it" in words
    by_sql("UPDATE application SET decided_by_id = :officer WHERE id = :id", officer=desk.decider.user_id, id=case.id)


@pytest.mark.rule("A4")
def test_the_database_too_refuses_that_the_decider_verifies_afterwards(app: Flask):
    desk = office()
    case = verify(application(clerk=desk.clerk), desk.verifier)
    by_sql("UPDATE application SET decided_by_id = :officer WHERE id = :id", officer=desk.decider.user_id, id=case.id)
    words = database_refuses(
        "INSERT INTO verification "
        "(application_id, method, matter, day, persons, finding, note, verifier_id, created_at) "
        "VALUES (:case, :method, :matter, '2026-09-30', '某', :finding, '属实', :officer, '2026-09-30 10:00:00')",
        case=case.id, officer=desk.decider.user_id, method=VerificationMethod.SITE_VISIT.value,
        matter=Matter.CONTENT.value, finding=Finding.TRUE.value,
    )  # fmt: skip
    assert "does not decide it" in words


@pytest.mark.rule("A5")
def test_a_bureau_sees_its_own_cases_and_those_below_and_no_others(app: Flask):
    cases = {
        code: application(existing=entry(project(area_code=code))).number
        for code in (COUNTY, "430182", "430281", "430100")
    }

    def seen_by(code: str) -> set[str]:
        return {case.number for case in db.session.scalars(applications_within(bureau(code).path))}

    assert seen_by(COUNTY) == {cases[COUNTY]}
    assert seen_by("430100") == {cases[COUNTY], cases["430182"], cases["430100"]}
    assert seen_by("430200") == {cases["430281"]}
    assert seen_by("430000") == set(cases.values())
    assert seen_by("XJXQ") == set()


@pytest.mark.rule("A5")
def test_a_path_that_begins_like_another_is_not_below_it(app: Flask):
    bureau()
    by_sql("UPDATE bureau SET path = '/900/5/' WHERE code = '430100'")
    by_sql("UPDATE bureau SET path = '/900/51/' WHERE code = '430200'")
    by_sql("UPDATE bureau SET path = '/900/5%_/' WHERE code = '430300'")
    db.session.expire_all()
    assert set(db.session.scalars(bureaus_within("/900/5/"))) == {bureau("430100").id}
    assert set(db.session.scalars(bureaus_within("/900/5%_/"))) == {bureau("430300").id}


@pytest.mark.rule("A5", "A3")
def test_outside_is_not_found_below_is_seen_but_not_handled_and_within_the_duty_counts(app: Flask):
    place = bureau(COUNTY)
    verifier = acting(Role.VERIFIER)
    permissions.require_own(verifier, Permission.VERIFY, place)

    def refusal(actor: Actor, permission: Permission) -> RuleViolation:
        with pytest.raises(RuleViolation) as caught:
            permissions.require_own(actor, permission, place)
        return caught.value

    neighbour = refusal(acting(Role.VERIFIER, bureau_code="430182"), Permission.VERIFY)
    public = refusal(PUBLIC, Permission.VERIFY)
    assert {type(neighbour), type(public)} == {NotFound}
    assert neighbour.message == public.message
    assert place.name not in neighbour.message
    above = refusal(acting(Role.VERIFIER, bureau_code="430100"), Permission.VERIFY)
    assert (type(above), above.rule) == (NotAllowed, "S3")
    permissions.require_in(acting(Role.VERIFIER, bureau_code="430100"), Permission.VERIFY, place)
    assert refusal(verifier, Permission.DECIDE).rule == "A3"


@pytest.mark.rule("A3")
def test_each_act_on_a_case_asks_for_its_own_duty(app: Flask):
    from portal.domain import notices

    published = notice()
    others = [acting(role) for role in (Role.CLERK, Role.VERIFIER, Role.DECIDER, Role.AUDITOR)]
    for one in others:
        refused(partial(notices.retract, published, "试图撤回公示", actor=one, now=MORNING), NotAllowed, rule="A3")
    target = entry()
    for role in (Role.VERIFIER, Role.AUDITOR):
        refused(partial(application, existing=target, clerk=acting(role)), NotAllowed, rule="A3")
