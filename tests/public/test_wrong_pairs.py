"""Guessing at receipts: it tells nothing, costs the same whatever is wrong, and slows down nobody but the guesser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.domain import filings, objections, receipts
from portal.domain.actor import PUBLIC
from portal.domain.filings import Ground
from portal.extensions import db
from portal.models.limit_count import LimitCount
from tests import builders
from tests.builders import at, done
from tests.conftest import application
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.statements import counted
from tests.public.test_limits import asked_on, solved

WRONG = "AAAAA-AAAAA-AAAAA-AAAAA"
GUESSER, HONEST = "203.0.113.7", "192.0.2.1"
NOW = at("2026-10-09 10:00")


@pytest.fixture
def pair(app: Flask, time_is: SetClock) -> tuple[str, str]:
    """Number and code of an objection; it is 10:00."""
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    token = done(lambda: filings.begin(notice.id, now=NOW))
    grounds = [Ground("合同金额不对，请核对原件")]
    number = done(
        lambda: objections.file(notice.id, token, grounds, filings.ANONYMOUS, arrived_at=NOW, actor=PUBLIC, now=NOW)
    )
    return number, receipts.code_for(token)


def look(client: FlaskClient, number: str, code: str, address: str = HONEST, **more: str) -> TestResponse:
    return client.post(
        "/progress", data={"number": number, "code": code, **more}, environ_base={"REMOTE_ADDR": address}
    )


def guess(client: FlaskClient, number: str, times: int, address: str = GUESSER) -> None:
    for _ in range(times):
        assert look(client, number, WRONG, address).status_code == 404


def opened(answer: TestResponse) -> bool:
    return answer.status_code == 200 and "合同金额不对" in answer.text


@pytest.mark.rule("O4")
@pytest.mark.parametrize("prefix", ["YY", "TS", "SL", "ZZ"])
def test_no_such_number_and_a_wrong_code_get_the_same_answer_for_the_same_work(
    client: FlaskClient, pair: tuple[str, str], prefix: str
) -> None:
    number, code = pair
    stranger = receipts.new_number(prefix, NOW)

    def asked(number: str, typed: str) -> tuple[int, str, list[tuple[str, str]], list[str]]:
        look(client, receipts.new_number("YY", NOW), WRONG)  # whatever is worked out once is worked out
        with counted() as sent:
            answer = look(client, number, typed)
        same = answer.text.replace(number, "").replace(typed, "")
        kept = [header for header in answer.headers.items() if header[0] not in ("Date", "Content-Length")]
        table = re.compile(r"\b(objection|complaint|application_receipt)\b")
        return answer.status_code, same, kept, [table.sub("filing", statement) for statement in sent]

    wrong_code = asked(number, WRONG)
    no_such_number = asked(stranger, code)
    assert wrong_code == no_such_number
    assert wrong_code[0] == 404
    assert '<a href="#number">编号与查询码不匹配' in wrong_code[1]


@pytest.mark.rule("O4")
def test_after_ten_wrong_pairs_even_the_right_one_is_looked_at_only_after_a_proof_or_a_wait(
    client: FlaskClient, pair: tuple[str, str], time_is: SetClock
) -> None:
    number, code = pair
    guess(client, receipts.new_number("YY", NOW), 10)

    right, wrong = look(client, number, code, GUESSER), look(client, number, WRONG, GUESSER)
    assert (right.status_code, wrong.status_code) == (429, 429)
    assert right.headers["Retry-After"] == wrong.headers["Retry-After"] == "30"
    said = words(right.text)
    assert re.search(r"请在10:0\d:\d\d之后（约30秒）再点“查询”。已填写的内容还在", said)
    assert number in right.text  # nothing has to be typed again
    assert code in right.text

    challenge, waited = asked_on(right.text)
    proof = solved(challenge)
    assert opened(look(client, number, code, GUESSER, proof=proof))
    assert look(client, number, code, GUESSER, proof=proof).status_code == 429
    time_is("2026-10-09 10:00:05")
    assert look(client, number, code, GUESSER, waited=waited).status_code == 429
    time_is("2026-10-09 10:05")
    assert opened(look(client, number, code, GUESSER, waited=waited))
    assert look(client, number, code, GUESSER, waited=waited).status_code == 429


@pytest.mark.rule("O4")
def test_nobody_else_is_slowed_down_by_a_guesser(client: FlaskClient, pair: tuple[str, str]) -> None:
    guess(client, receipts.new_number("YY", NOW), 10)
    assert opened(look(client, *pair))


@pytest.mark.rule("O4")
def test_guesses_at_one_number_from_everywhere_make_its_holder_wait_half_a_minute_and_no_longer(
    client: FlaskClient, pair: tuple[str, str], time_is: SetClock
) -> None:
    number, code = pair
    for place in range(20):
        guess(client, number, 1, address=f"198.51.100.{place}")
    refused = look(client, number, code)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"
    challenge, waited = asked_on(refused.text)
    for place in range(20):  # they go on, and get nothing for it
        assert look(client, number, WRONG, address=f"198.51.100.{place}").status_code == 429
    assert opened(look(client, number, code, proof=solved(challenge)))
    time_is("2026-10-09 10:05")
    assert opened(look(client, number, code, waited=waited))


@pytest.mark.rule("O4")
def test_a_wrong_pair_with_a_proof_is_counted_and_the_next_one_costs_another(
    client: FlaskClient, pair: tuple[str, str]
) -> None:
    number, _ = pair
    guess(client, number, 10)
    challenge, _ = asked_on(look(client, number, WRONG, GUESSER).text)
    answer = look(client, number, WRONG, GUESSER, proof=solved(challenge))
    assert answer.status_code == 404
    assert asked_on(answer.text)[0] != challenge
    assert look(client, number, WRONG, GUESSER).status_code == 429
    by_number = select(func.sum(LimitCount.times)).where(LimitCount.key == number)
    assert db.session.scalar(by_number) == 11


@pytest.mark.rule("O4")
def test_all_processes_count_together(
    client: FlaskClient, pair: tuple[str, str], time_is: SetClock, tmp_path: Path
) -> None:
    guess(client, receipts.new_number("YY", NOW), 10)
    url = db.engine.url.render_as_string(hide_password=False)
    with application(Settings.for_tests(url, tmp_path)) as other_process:
        time_is("2026-10-09 10:10")
        assert look(other_process.test_client(), *pair, GUESSER).status_code == 429


@pytest.mark.rule("O4")
def test_whoever_has_the_page_open_goes_on_while_others_guess_from_the_same_network(
    client: FlaskClient, pair: tuple[str, str]
) -> None:
    number, code = pair
    page = look(client, number, code, GUESSER)
    carried = re.search(r'name="code" value="([^"]+)"', page.text)
    assert carried
    assert code not in page.text  # a pass stands there in its place
    guess(client, receipts.new_number("YY", NOW), 10)

    def say(number: str, pass_: str) -> TestResponse:
        sent = {"code": pass_, "message-text": "请问什么时候答复"}
        return client.post(f"/progress/{number}/messages", data=sent, environ_base={"REMOTE_ADDR": GUESSER})

    assert "已送达办理部门" in say(number, carried[1]).text
    said, dot, signature = carried[1].rpartition(".")
    changed = ("A" if signature[0] != "A" else "B") + signature[1:]  # of its last letter two bits stand for nothing
    assert say(number, said + dot + changed).status_code == 429
    assert say(receipts.new_number("YY", NOW), carried[1]).status_code == 429


@pytest.mark.rule("O4")
def test_the_addresses_of_further_acts_are_no_back_door_for_guesses(client: FlaskClient, pair: tuple[str, str]) -> None:
    number, _ = pair
    for noun in ("messages", "withdrawal", "recheck", "files", "rating") * 2:
        sent = {"code": WRONG, "message-text": "你好你好", "file": "1"}
        answer = client.post(f"/progress/{number}/{noun}", data=sent, environ_base={"REMOTE_ADDR": GUESSER})
        assert answer.status_code == 404
    assert look(client, number, WRONG, GUESSER).status_code == 429
    answer = client.post(
        f"/progress/{number}/files", data={"code": WRONG, "file": "1"}, environ_base={"REMOTE_ADDR": GUESSER}
    )
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"


@pytest.mark.rule("O4")
@pytest.mark.parametrize("field", ["proof", "waited"])
@pytest.mark.parametrize("value", ["", "x", "W10=", "eyJzYWx0IjogN30=", "é" * 300, "a.b.c" * 500])
def test_a_made_up_proof_is_worth_nothing(client: FlaskClient, pair: tuple[str, str], field: str, value: str) -> None:
    guess(client, receipts.new_number("YY", NOW), 10)
    assert look(client, *pair, GUESSER, **{field: value}).status_code == 429


@pytest.mark.parametrize(
    "value",
    ["", " ", "\r\nX-Evil: 1", "<script>alert(1)</script>", "{{7*7}}", "'; DROP TABLE objection; --", "９" * 50,
     "9" * 5000, "\u202e", "-1", "2147483648"],
)  # fmt: skip
def test_whatever_is_sent_to_the_acts_is_answered_calmly(
    sqlite_client: FlaskClient, time_is: SetClock, value: str
) -> None:
    time_is("2026-10-09 10:00")
    number = receipts.new_number("YY", NOW)
    for address in (f"/progress/{number}/", "/progress/%E2%80%AE/", "/progress/" + "9" * 300 + "/"):
        for noun in ("messages", "withdrawal", "recheck", "files", "rating", "review"):
            sent = {
                name: [value, value] for name in ("code", "file", "message-text", "recheck-reason", "proof", "waited")
            }
            answer = sqlite_client.post(address + noun, data=sent)
            assert answer.status_code in (404, 429), (address, noun, answer.status_code)
            assert "<script>alert" not in answer.text
    answer = sqlite_client.post("/progress", data={"number": [value, number], "code": value, "waited": value})
    assert answer.status_code in (404, 422, 429)
