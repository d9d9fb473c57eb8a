"""What every public answer says about itself: headers, cookies, and who may keep it. All addresses are walked."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.extensions import db
from portal.models.words import Role
from tests import builders
from tests.conftest import application
from tests.support.databases import Databases

ONE_PERSONS = re.compile(r"/(filings|progress|applications|complaints|alerts)/|/receipts/[^/]+/")
"""Addresses that hold a number or a token of somebody's own."""


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application as it runs behind TLS, with a notice and an objection."""
    folder: Path = tmp_path_factory.mktemp("headers")
    with databases.fresh("sqlite") as url, application(Settings.for_tests(url, folder)) as app:
        app.config["PORTAL"] = dataclasses.replace(app.config["PORTAL"], secure_cookies=True)
        yield app


@pytest.fixture(scope="module")
def examples(site: Flask) -> dict[str, list[str]]:
    """What may stand in an address, by the name of its part: something that exists, and something that does not."""
    notice = builders.notice()
    objection = builders.objection(notice)
    builders.acting(Role.CLERK)
    project = notice.application.project
    db.session.commit()
    return {
        "reference": [notice.reference, "GS430181-2026-99999"],
        "number": [project.number, objection.number],
        "code": ["430181", "91430000183764483Y"],
        "form": ["atom", "rss", "csv", "xlsx"],
        "name": ["notices", "projects", "companies", "circulars"],
        "token": ["a" * 43],
        "noun": ["withdrawal"],
        "at": ["0", "99"],
        "place": ["1", "99"],
        "published": ["2026-09-30"],
        "rest": ["nothing"],
    }


@pytest.fixture(scope="module")
def answers(site: Flask, examples: dict[str, list[str]]) -> list[tuple[Rule, str, TestResponse]]:
    """Every public address that can be fetched, with each example."""
    found = []
    for rule in site.url_map.iter_rules():
        if rule.endpoint.startswith("public.") and "GET" in (rule.methods or ()):
            for path in _paths(rule, examples):
                found.append((rule, path, site.test_client().get(path)))
    return found


def _paths(rule: Rule, examples: dict[str, list[str]]) -> list[str]:
    paths = [rule.rule]
    for name in rule.arguments:
        part = re.compile(rf"<(?:any\(([^)]*)\):|[a-z]+:)?{name}>")
        choices = part.search(rule.rule)
        if choices is None:
            continue  # it has a default
        values = re.split(r",\s*", choices[1]) if choices[1] else examples[name]
        paths = [part.sub(value, path) for path in paths for value in values]
    return paths


def test_the_walk_reaches_pages_and_not_only_refusals(answers: list[tuple[Rule, str, TestResponse]]) -> None:
    reached = {rule.endpoint for rule, _path, answer in answers if answer.status_code == 200}
    assert len(reached) > 25
    assert not [path for _rule, path, answer in answers if answer.status_code >= 500]


def test_every_public_answer_carries_the_headers(answers: list[tuple[Rule, str, TestResponse]]) -> None:
    for _rule, path, answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        assert "geolocation=()" in answer.headers["Permissions-Policy"], path


def test_behind_tls_the_browser_is_told_to_stay_there_and_in_the_open_it_is_not(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.fresh("sqlite") as url:
        for secure in (True, False):
            with application(Settings.for_tests(url, tmp_path, secure_cookies=secure)) as app:
                said = app.test_client().get("/").headers.get("Strict-Transport-Security", "")
                assert ("max-age=31536000" in said) == secure


def test_no_public_page_sets_a_cookie(answers: list[tuple[Rule, str, TestResponse]]) -> None:
    assert [path for _rule, path, answer in answers if "Set-Cookie" in answer.headers] == []


def test_a_shared_cache_may_keep_what_is_everybodys_and_nothing_else(
    answers: list[tuple[Rule, str, TestResponse]],
) -> None:
    kept = 0
    for _rule, path, answer in answers:
        said = answer.headers["Cache-Control"]
        if said.startswith("public"):
            kept += 1
            assert answer.status_code in (200, 410), path
            assert re.search(r"max-age=\d+, stale-while-revalidate=\d+, stale-if-error=\d+", said), path
            assert answer.headers["ETag"], path
            assert "Cookie" not in answer.headers.get("Vary", ""), path
            assert not ONE_PERSONS.search(path) or path.startswith("/alerts/asked"), path
        else:
            assert "no-store" in said, path
    assert kept > 25


def test_pages_of_one_person_are_kept_by_nobody(answers: list[tuple[Rule, str, TestResponse]]) -> None:
    personal = [(path, answer) for _rule, path, answer in answers if ONE_PERSONS.search(path)]
    assert len(personal) > 10
    for path, answer in personal:
        assert "no-store" in answer.headers["Cache-Control"] or path.startswith("/alerts/asked"), path


def test_a_form_that_was_opened_is_its_visitors_own_and_sets_no_cookie_either(
    site: Flask, examples: dict[str, list[str]]
) -> None:
    client = site.test_client()
    for door in (f"/notices/{examples['reference'][0]}/filings", "/complaints"):
        answer = client.post(door)
        assert answer.status_code == 303, door
        while answer.status_code == 303:
            assert answer.headers["Cache-Control"] == "no-store"
            answer = client.get(answer.location)
            assert "Set-Cookie" not in answer.headers
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
