"""Signing in and out through the real pages (rule A6, as far as built)."""

from __future__ import annotations

import pytest

from portal.extensions import db
from portal.models.account import Account
from portal.models.words import Role
from tests import builders
from tests.backoffice.conftest import Desk, sign_in


def test_without_signing_in_every_page_leads_to_the_sign_in_page_and_back(sqlite_client):
    builders.officer(Role.CLERK, username="wanglan")
    asked = sqlite_client.get("/office/applications?status=received")
    assert asked.status_code == 303
    assert asked.location == "/office/session/new?next=/office/applications?status%3Dreceived"

    desk = Desk(sqlite_client)
    desk.get(asked.location)
    data = {"username": "wanglan", "password": builders.PASSWORD, "next": "/office/applications?status=received"}
    assert desk.post("/office/session", data).location == "/office/applications?status=received"
    assert desk.get("/office/applications").status_code == 200


@pytest.mark.rule("A6")
def test_a_refusal_never_says_what_was_wrong(sqlite_client):
    builders.officer(Role.CLERK, username="wanglan")
    desk = Desk(sqlite_client)
    desk.get("/office/session/new")
    wrong_password = desk.post("/office/session", {"username": "wanglan", "password": "not-the-password"})
    nobody = desk.post("/office/session", {"username": "nobody", "password": "not-the-password"})
    assert wrong_password.status_code == nobody.status_code == 422

    def said(response):
        return response.get_data(as_text=True).split('role="alert"')[1].split("</div>")[0]

    assert said(wrong_password) == said(nobody)


@pytest.mark.rule("A6")
def test_five_wrong_passwords_lock_the_account_and_the_right_one_says_no_more(sqlite_client):
    builders.officer(Role.CLERK, username="wanglan")
    desk = Desk(sqlite_client)
    desk.get("/office/session/new")
    for _ in range(5):
        desk.post("/office/session", {"username": "wanglan", "password": "not-the-password"})
    refused = desk.post("/office/session", {"username": "wanglan", "password": builders.PASSWORD})
    assert refused.status_code == 422
    assert "用户名或密码不正确，或者账号暂时不能登录" in refused.get_data(as_text=True)


@pytest.mark.rule("A6")
def test_signing_in_elsewhere_ends_the_session_here(sqlite_app):
    account = builders.officer(Role.CLERK)
    here = sign_in(sqlite_app.test_client(), account)
    assert here.get("/office/").status_code == 200
    sign_in(sqlite_app.test_client(), account)
    assert here.get("/office/").status_code == 303


def test_a_deactivated_account_loses_its_session_at_once(sqlite_app, at_desk):
    account = builders.officer(Role.CLERK)
    desk = at_desk(account)
    builders.done(lambda: setattr(account, "active", False))
    assert desk.get("/office/").status_code == 303


def test_signing_out_ends_the_session_on_the_server_too(sqlite_app, at_desk):
    account = builders.officer(Role.CLERK)
    desk = at_desk(account)
    kept = desk.client.get_cookie("session")
    assert desk.post("/office/session/end").status_code == 303
    desk.client.set_cookie("session", kept.value)
    assert desk.get("/office/").status_code == 303
    assert db.session.get_one(Account, account.id).session_key is None


def test_a_session_begun_by_somebody_else_is_not_taken_over(sqlite_client):
    account = builders.officer(Role.CLERK)
    with sqlite_client.session_transaction() as planted:
        planted["planted"] = "by a stranger"
    sign_in(sqlite_client, account)
    with sqlite_client.session_transaction() as now:
        assert "planted" not in now


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example/office/", "/\\evil.example", "/notices", "/office//evil", "/office/../x",
     "/office/\n", "", "javascript:alert(1)"],
)  # fmt: skip
def test_signing_in_leads_nowhere_but_into_the_back_office(sqlite_client, elsewhere):
    builders.officer(Role.CLERK, username="wanglan")
    desk = Desk(sqlite_client)
    desk.get("/office/session/new")
    answer = desk.post("/office/session", {"username": "wanglan", "password": builders.PASSWORD, "next": elsewhere})
    assert answer.location == "/office/"


def test_a_form_without_the_pages_token_changes_nothing(sqlite_app, at_desk):
    desk = at_desk(builders.officer(Role.VERIFIER))
    case = builders.application()
    answer = desk.client.post(f"/office/applications/{case.number}/confirmation", data={})
    assert answer.status_code == 400
