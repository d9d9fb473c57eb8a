"""对话 between filer and office: both may speak, nobody else reads it, nothing that was said is changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain import dialogue, limits
from portal.domain.attachments import StoredFile
from portal.domain.errors import NotAllowed, NotFound, RuleViolation
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.message import Message
from portal.models.trail_entry import TrailEntry
from portal.models.words import Role
from tests.builders import MORNING, acting, application, done, notice, objection
from tests.domain.office import history, office, refused, said

FILE = StoredFile("合同.pdf", "application/pdf", 1200, "a" * 64, "aa/" + "a" * 64)
HOUR = timedelta(hours=1)


def spoken(filing: dialogue.Filing) -> list[tuple[bool, str]]:
    return [(message.from_filer, message.text) for message in dialogue.of(filing)]


@pytest.mark.rule("O4", "T1")
def test_filer_and_office_speak_in_turn_and_the_trail_keeps_only_hashes(app: Flask):
    filed, desk = objection(notice()), office()
    done(lambda: dialogue.say(filed, "请问需要合同原件吗", [FILE], now=MORNING))
    done(lambda: dialogue.answer(filed, "复印件即可", actor=desk.decider, now=MORNING + HOUR))
    assert spoken(filed) == [(True, "请问需要合同原件吗"), (False, "复印件即可")]
    [asked, answered] = dialogue.of(filed)
    assert [file.name for file in asked.evidence] == ["合同.pdf"]
    assert answered.account_id == desk.decider.user_id
    for event in (Event.MESSAGE_FROM_FILER, Event.MESSAGE_TO_FILER):
        entry = said(event)
        assert entry["subject"] == {"kind": "objection", "ref": filed.number}
        assert "复印件" not in str(entry)
        assert "合同" not in str(entry)
    assert not {"message_from_filer", "message_to_filer"} & {event for event, _ in history(filed.notice.application)}


@pytest.mark.rule("O4")
def test_what_says_nothing_or_too_much_is_refused(app: Flask):
    filed = objection(notice())
    for text, files in (("  ", []), ("问", []), ("问" * 4001, []), ("附上材料", [FILE] * 11)):
        refused(lambda text=text, files=files: dialogue.say(filed, text, files, now=MORNING), rule="O4")  # type: ignore[misc]
    assert dialogue.of(filed) == []


@pytest.mark.rule("O4")
def test_the_same_word_twice_in_a_row_is_said_once_and_a_file_makes_it_another(app: Flask):
    filed = objection(notice())
    for files in ([], [], [FILE], [FILE]):
        done(lambda files=files: dialogue.say(filed, "请问什么时候答复", files, now=MORNING))  # type: ignore[misc]
    assert len(dialogue.of(filed)) == 2
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 1
    assert db.session.scalar(select(func.count()).where(TrailEntry.event == "message_from_filer")) == 2


@pytest.mark.rule("O4")
def test_a_filer_says_twenty_things_an_hour_and_the_office_as_much_as_it_likes(app: Flask):
    filed, desk = objection(notice()), office()
    for number in range(20):
        done(lambda number=number: dialogue.say(filed, f"第{number}次催问", now=MORNING))  # type: ignore[misc]
    refused(lambda: dialogue.say(filed, "再催问一次", now=MORNING), limits.TooMany, rule="O4")
    done(lambda: dialogue.answer(filed, "正在办理", actor=desk.decider, now=MORNING))
    done(lambda: dialogue.say(filed, "再催问一次", now=MORNING + HOUR))
    assert db.session.scalar(select(func.count()).select_from(Message)) == 22


@pytest.mark.rule("A5", "S3")
def test_only_the_duty_of_the_bureau_that_handles_it_answers(app: Flask):
    filed = objection(notice())

    def answer_by(*roles: Role, code: str = "430181") -> object:
        actor = acting(*roles, bureau_code=code)
        assert dialogue.may_answer(filed, actor) is False
        return lambda: dialogue.answer(filed, "复印件即可", actor=actor, now=MORNING)

    refused(answer_by(Role.CLERK, Role.VERIFIER), NotAllowed, rule="A3")  # type: ignore[arg-type]
    refused(answer_by(Role.DECIDER, code="430100"), NotAllowed, rule="S3")  # type: ignore[arg-type]
    refused(answer_by(Role.DECIDER, code="430200"), NotFound, rule="A5")  # type: ignore[arg-type]
    assert dialogue.may_answer(filed, acting(Role.DECIDER))
    case = application()
    assert dialogue.may_answer(case, acting(Role.CLERK))
    refused(lambda: dialogue.answer(case, "请补充", actor=acting(Role.DECIDER), now=MORNING), NotAllowed, rule="A3")


@pytest.mark.rule("O4", "A5")
def test_a_file_is_found_only_through_its_own_filing(app: Flask):
    about = notice()
    mine, other = objection(about), objection(about)
    done(lambda: dialogue.say(mine, "附上合同复印件", [FILE], now=MORNING))
    [message] = dialogue.of(mine)
    [file] = message.evidence
    assert dialogue.file_of(mine, file.id) is not None
    assert dialogue.file_of(other, file.id) is None
    assert dialogue.file_of(mine, 2**40) is None


def test_a_message_belongs_to_exactly_one_filing(app: Flask):
    filed = objection(notice())
    row = {"from_filer": True, "text": "请问", "sent_at": MORNING}
    for owners in ({}, {"objection_id": filed.id, "application_id": filed.notice.application_id}):
        with pytest.raises(Exception, match="one_filing"):
            done(lambda owners=owners: db.session.add(Message(**row, **owners)))  # type: ignore[misc]
        db.session.rollback()


def test_an_empty_refusal_names_its_field(app: Flask):
    refusal = refused(lambda: dialogue.say(objection(notice()), "", now=MORNING), RuleViolation)
    assert refusal.field == "text"
