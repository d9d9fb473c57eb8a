"""留言 at the office: who waits for an answer, answering, and that nobody outside reads along."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from portal.domain import dialogue
from portal.models.objection import Objection
from portal.models.words import Role
from tests import builders
from tests.builders import MORNING, done
from tests.support import files

QUESTION = "请问需要合同原件吗"


def asked(text: str = QUESTION) -> Objection:
    filed = builders.objection(builders.notice())
    done(lambda: dialogue.say(filed, text, now=MORNING))
    return filed


@pytest.mark.rule("O4", "C7")
def test_a_question_waits_in_the_queue_until_it_is_answered_with_a_file(app: Flask, at_any_desk):
    filed = asked()
    desk = at_any_desk(builders.officer(Role.DECIDER))
    assert "<b>1</b> <span>待回复的留言</span>" in desk.get("/office/").text
    queue = desk.get("/office/messages").text
    assert QUESTION in queue
    assert filed.number in queue
    page = desk.get(f"/office/objections/{filed.number}/messages").text
    assert QUESTION in page
    assert "匿名" in page

    answer = desk.post(
        f"/office/objections/{filed.number}/messages",
        {"text": "不需要，复印件即可。", "files": (io.BytesIO(files.pdf()), "样式.pdf")},
    )
    assert answer.status_code == 303
    assert [(each.from_filer, each.text) for each in dialogue.of(filed)] == [
        (True, QUESTION), (False, "不需要，复印件即可。"),
    ]  # fmt: skip
    assert [file.name for file in dialogue.of(filed)[-1].evidence] == ["样式.pdf"]
    assert "没有待回复的留言" in desk.get("/office/messages").text
    assert "<b>0</b> <span>待回复的留言</span>" in desk.get("/office/").text

    done(lambda: dialogue.say(filed, "好的，谢谢", now=MORNING))
    assert "好的，谢谢" in desk.get("/office/messages").text


@pytest.mark.rule("V1")
def test_applicants_are_answered_by_whoever_takes_and_verifies_applications(sqlite_app: Flask, at_desk):
    case = builders.application()
    done(lambda: dialogue.say(case, "附件是否需要盖章", now=MORNING))
    desk = at_desk(builders.officer(Role.VERIFIER))
    assert "附件是否需要盖章" in desk.get("/office/messages").text
    address = f"/office/applications/{case.number}/messages"
    desk.get(address)
    assert desk.post(address, {"text": "需要加盖公章。"}).status_code == 303
    assert dialogue.of(case)[-1].text == "需要加盖公章。"
    decider = at_desk(builders.officer(Role.DECIDER))
    assert "由浏阳市住房和城乡建设局的收件岗或核实岗答复" in decider.get(address).text
    assert decider.post(address, {"text": "代为答复一下"}).status_code == 403


@pytest.mark.rule("A5", "S3")
def test_the_bureau_above_reads_and_does_not_answer_and_others_see_nothing(sqlite_app: Flask, at_desk):
    filed = asked()
    address = f"/office/objections/{filed.number}/messages"
    above = at_desk(builders.officer(Role.DECIDER, bureau_code="430100"))
    page = above.get(address)
    assert QUESTION in page.text
    assert "送出答复" not in page.text
    assert QUESTION not in above.get("/office/messages").text
    refused = above.post(address, {"text": "代为答复一下"})
    assert refused.status_code == 403
    elsewhere = at_desk(builders.officer(Role.DECIDER, bureau_code="430200"))
    assert elsewhere.get(address).status_code == 404
    assert elsewhere.post(address, {"text": "代为答复一下"}).status_code == 404
    assert len(dialogue.of(filed)) == 1


def test_an_empty_a_long_and_a_harmful_answer_are_refused_and_what_was_typed_stays(sqlite_app: Flask, at_desk):
    filed = asked()
    desk = at_desk(builders.officer(Role.DECIDER))
    address = f"/office/objections/{filed.number}/messages"
    desk.get(address)
    assert "请写明答复" in desk.post(address, {"text": ""}).text
    assert "请写下要说的话" in desk.post(address, {"text": "  "}).text
    assert desk.post(address, {"text": "答" * 4001}).status_code == 422
    bad = desk.post(address, {"text": "见附件", "files": (io.BytesIO(b"MZ\x90\x00"), "附件.pdf")})
    assert bad.status_code == 422
    assert "附件.pdf" in bad.text
    assert "见附件</textarea>" in bad.text
    assert len(dialogue.of(filed)) == 1


@pytest.mark.rule("A3")
def test_who_has_no_case_work_to_do_sees_no_messages(sqlite_app: Flask, at_desk):
    filed = asked()
    desk = at_desk(builders.officer(Role.ACCOUNT_ADMINISTRATOR))
    for address in ("/office/messages", f"/office/objections/{filed.number}/messages"):
        assert desk.get(address).status_code == 403


def test_the_queue_asks_as_much_for_twenty_as_for_two(sqlite_app: Flask, at_desk, statements):
    desk = at_desk(builders.officer(Role.DECIDER))
    counts = []
    for more in (2, 18):
        for _ in range(more):
            asked()
        statements.clear()
        desk.get("/office/messages")
        counts.append(len(statements))
    assert counts[0] == counts[1]
