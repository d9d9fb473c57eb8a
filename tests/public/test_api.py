"""The open interface: what it answers, what it refuses and how, and that it is as its own description says."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.domain import deletions, notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.words import Role
from portal.public.api import ROUTES
from tests import builders, evidence
from tests.builders import at, done
from tests.public.statements import counted
from tests.support.files import PDF, pdf
from tests.support.web_server import LiveServer

ROOT = "/api/v1"
COMPANY = "91430000183764483Y"


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    """The JSON an address answers with."""
    answer = client.get(ROOT + path, query_string=query or None)
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.json


def references(answer: Any) -> list[str]:
    return [item["reference"] for item in answer["items"]]


def published(name: str = "浏阳市长寿路改造工程", when: str = "2026-09-30 10:00", **more: Any) -> Notice:
    return builders.notice(existing=builders.entry(builders.project(name, **more)), published_at=at(when))


def test_the_description_is_a_sound_openapi_document(sqlite_client: FlaskClient) -> None:
    document = get(sqlite_client, "/openapi.json")
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {ROOT + route.path for route in ROUTES}
    assert all("get" in item and len(item) == 1 for item in document["paths"].values())
    said = json.dumps(document, ensure_ascii=False)
    assert "rule " not in said  # what is meant for us
    assert "supplement（补录）" in said
    assert document["info"]["termsOfService"].endswith("/open-data#terms")


def test_schemathesis_finds_no_answer_that_differs_from_the_description(
    live_server: LiveServer, tmp_path: Path
) -> None:
    case = evidence.case()
    evidence.prepare(case)
    notice = evidence.published(case)
    published("株洲市“甲&乙”<工程>", area_code="430281")
    builders.objection(notice)
    db.session.commit()
    (tmp_path / "schemathesis.toml").write_text("")

    asked = (
        f"run {live_server.url}{ROOT}/openapi.json --checks all --phases examples,coverage,fuzzing --max-examples 25"
    )
    again = "--generation-deterministic --continue-on-failure --no-color"
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *asked.split(), *again.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "No issues found" in run.stdout, run.stdout[-3000:]


@pytest.mark.rule("N1")
def test_the_list_of_notices_says_what_the_page_says(client: FlaskClient) -> None:
    notice = published()
    (item,) = get(client, "/notices")["items"]
    assert item["reference"] == notice.reference
    assert item["url"].endswith(f"/notices/{notice.reference}")
    assert item["title"] == notice.title
    assert (item["kind"], item["kind_name"]) == ("correction", "修正")
    assert (item["bureau"], item["bureau_name"]) == ("430181", notice.bureau.name)
    assert item["published_at"] == "2026-09-30T10:00:00+08:00"
    assert (item["first_day"], item["last_day"]) == ("2026-10-08", "2026-10-13")
    assert item["ends_at"] == "2026-10-14T00:00:00+08:00"
    assert item["content_hash"] == notice.content_hash
    assert item["closed_at"] is None


def test_notices_are_narrowed_by_all_that_is_asked(client: FlaskClient) -> None:
    mine = published()
    other = published("株洲市乙工程", area_code="430281")
    done(lambda: notices.close_window(other.id, SYSTEM, now=at("2026-10-14 01:00")))
    number = mine.application.project.number

    def found(**query: Any) -> list[str]:
        return references(get(client, "/notices", **query))

    assert found() == [other.reference, mine.reference]
    assert found(bureau="430181") == found(bureau="430100") == found(project=number) == [mine.reference]
    assert found(bureau="430000") == found(company=COMPANY) == found(company=COMPANY.lower())
    assert len(found(company=COMPANY)) == 2
    assert found(status="closed_clear") == found(q="乙工") == [other.reference]
    assert found(status="closed_clear", bureau="430181") == found(kind="supplement") == found(q="不存在的") == []
    assert found(q="工程", kind="correction", subject="project_record", status="open") == [mine.reference]
    assert found(company=COMPANY, q="长寿", status="open") == [mine.reference]
    assert found(company=COMPANY, q="乙工", status="open") == []


def test_the_way_through_the_pages_meets_each_once(client: FlaskClient) -> None:
    expected = [published(f"第{number}号工程").reference for number in range(5)][::-1]
    for path, key, wanted in (("/notices", "reference", expected), ("/projects", "number", None)):
        url, seen = f"{path}?limit=2&q=工程", []
        while url:
            page = get(client, url)
            assert len(page["items"]) <= 2
            seen += [item[key] for item in page["items"]]
            url = (page["next"] or "").partition(ROOT)[2]
        assert len(seen) == len(set(seen)) == 5
        assert wanted is None or seen == wanted


@pytest.mark.rule("N2")
def test_a_notice_is_whole_and_says_what_became_of_it(client: FlaskClient) -> None:
    notice = published()
    publisher = builders.acting(Role.PUBLISHER)
    whole = get(client, f"/notices/{notice.reference}")
    assert whole["content"] == json.loads(notice.content)
    assert (whole["retraction_reason"], whole["replaced_by"], whole["moves"]) == ("", None, [])

    done(lambda: notices.retract(notice, reason="合同金额写错", actor=publisher, now=at("2026-10-09 11:00")))
    again = done(lambda: notices.publish(notice.application, actor=publisher, now=at("2026-10-09 12:00")))

    whole = get(client, f"/notices/{notice.reference}")
    assert (whole["status"], whole["retraction_reason"]) == ("retracted", "合同金额写错")
    assert whole["replaced_by"] == again.reference
    assert whole["closed_at"] == "2026-10-09T11:00:00+08:00"


@pytest.mark.rule("N1", "N2")
def test_a_notice_names_its_public_copies_with_address_size_and_hash(client: FlaskClient) -> None:
    case = evidence.case(evidence.kept(evidence.ORIGINAL), evidence.kept(b"%PDF-1.4 another"))
    evidence.prepare(case, "施工合同首页（已遮盖）", PDF)
    evidence.prepare(case, "开工照片（已遮盖）", pdf(pages=2), place=1)
    notice = evidence.published(case)
    found = get(client, f"/notices/{notice.reference}")
    assert [each["label"] for each in found["public_evidence"]] == ["施工合同首页（已遮盖）", "开工照片（已遮盖）"]
    for each, said in zip(found["public_evidence"], found["content"]["public_evidence"], strict=True):
        assert each == said | {"url": each["url"]}
        answer = client.get(urlsplit(each["url"]).path)
        assert (len(answer.data), answer.mimetype) == (each["size"], each["media_type"])
        assert hashlib.sha256(answer.data).hexdigest() == each["sha256"]
    assert get(client, f"/notices/{published().reference}")["public_evidence"] == []


@pytest.mark.rule("N3", "N4")
def test_windows_and_days_are_counted_as_on_the_page(client: FlaskClient) -> None:
    notice = published()
    for path in (f"/notices/{notice.reference}/window", "/windows/2026-09-30"):
        window = get(client, path)
        assert (window["first_day"], window["last_day"]) == ("2026-10-08", "2026-10-13")
        assert [day["counted"] for day in window["days"] if day["counted"]] == [1, 2, 3, 4, 5]
        assert window["days"][0] == {
            "date": "2026-10-01",
            "counted": None,
            "kind": "statutory_holiday",
            "reason": "国庆节放假",
            "source": window["days"][0]["source"],
        }
    days = get(client, "/working-days", **{"from": "2026-09-30", "days": 11})["items"]
    assert [day["working"] for day in days] == [True, *[False] * 7, True, True, True]  # the 10th is made up for
    assert days[10]["kind"] == "make_up_workday"
    assert (days[0]["window_ends"], days[9]["window_ends"]) == ("2026-10-13", "2026-10-15")


@pytest.mark.rule("N5")
def test_a_year_nobody_knows_yet_is_marked_provisional(client: FlaskClient) -> None:
    assert get(client, "/windows/2026-12-25")["provisional"] is True
    (day,) = get(client, "/working-days", **{"from": "2027-01-04", "days": 1})["items"]
    assert day["provisional"] is True


@pytest.mark.rule("L1", "I3")
def test_a_project_has_its_entries_with_levels_and_what_was_deleted(client: FlaskClient) -> None:
    entry = builders.entry()
    gone = builders.entry(entry.project, number="HZ-错")
    decider = builders.acting(Role.DECIDER)
    why, now = "经核查该合同从未签订，据实删除", at("2026-10-09 10:00")
    done(lambda: deletions.delete_entry(gone, why, seen=gone.version, actor=decider, now=now))

    (listed,) = get(client, "/projects", q="长寿")["items"]
    project = get(client, f"/projects/{listed['number']}")

    kept, deleted = sorted(project["entries"], key=lambda each: each["deleted_at"] or "")
    assert (kept["section"], kept["level"], kept["deleted_at"]) == ("contract", "D", None)
    amount = next(field for field in kept["fields"] if field["key"] == "amount")
    assert amount["value"] == "861.28"
    assert "万元" in amount["text"]
    assert (deleted["number"], deleted["fields"]) == ("HZ-错", [])
    (remedy,) = project["remedies"]
    assert (remedy["remedy"], remedy["number"]) == ("delete", "HZ-错")
    assert "从未签订" in remedy["reason"]


def test_bureaus_and_scores_name_who_is_above_whom(client: FlaskClient) -> None:
    builders.bureau()
    bureaus = {item["code"]: item for item in get(client, "/bureaus")["items"]}
    assert bureaus["430181"]["parent"] == "430100"
    assert bureaus["430100"]["parent"] == "430000"
    assert sum(item["tier"] == "city" for item in bureaus.values()) == 15
    assert bureaus["430181"]["atom"].endswith("/feeds/bureaus/430181.atom")
    board = get(client, "/scoreboard")
    assert {score["bureau"] for score in board["items"]} == set(bureaus)


def test_every_answer_can_be_asked_for_conditionally(client: FlaskClient) -> None:
    notice = published()
    number = notice.application.project.number
    paths = [
        "/openapi.json", "/notices", f"/notices/{notice.reference}", f"/notices/{notice.reference}/window",
        "/projects", f"/projects/{number}", "/bureaus", "/working-days?from=2026-09-30", "/windows/2026-09-30",
        "/scoreboard",
    ]  # fmt: skip
    assert len(paths) == len(ROUTES) + 1
    for path in paths:
        first = client.get(ROOT + path)
        assert first.status_code == 200
        assert first.headers["Cache-Control"].startswith("public, max-age=")
        for known in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}', "*"):
            again = client.get(ROOT + path, headers={"If-None-Match": known})
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == first.headers["ETag"]
        assert client.get(ROOT + path, headers={"If-None-Match": '"other"'}).status_code == 200
        head = client.head(ROOT + path)
        assert (head.status_code, head.data) == (200, b"")


def test_an_answer_asks_the_same_few_questions_however_much_it_holds(client: FlaskClient) -> None:
    entry = builders.entry()
    number = entry.project.number
    notice = builders.notice(existing=entry)
    paths = ("/notices?limit=100", "/projects?limit=100&q=工程", f"/projects/{number}", f"/notices/{notice.reference}",
             f"/notices?company={COMPANY}", "/bureaus", "/working-days?from=2026-01-01&days=365")  # fmt: skip

    def asked() -> dict[str, int]:
        numbers = {}
        for path in paths:
            with counted() as sent:
                get(client, path)
            numbers[path] = len(sent)
        return numbers

    few = asked()
    for n in range(8):
        builders.notice(existing=builders.entry(entry.project, number=f"HZ-{n}-再"))
        published(f"第{n}号工程")
    assert asked() == few
    assert max(few.values()) <= 6
