"""Somebody who objected, on the progress page, and what the office does meanwhile."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain import filings, notices, objections, receipts
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.filings import Ground
from portal.models.complaint import Complaint
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import Disposition, Role
from tests import builders
from tests.builders import at, done

AFTERNOON = "2026-10-14 15:00"
"""The day after the window of a notice published on 2026-09-30 ended."""


class Filer:
    """Somebody with a receipt, on the progress page."""

    def __init__(self, client: FlaskClient, objection: Objection, code: str) -> None:
        self.client, self.objection, self.number, self.code = client, objection, objection.number, code

    def look(self) -> str:
        answer = self.client.post("/progress", data={"number": self.number, "code": self.code})
        assert answer.status_code == 200
        return answer.text

    def act(self, noun: str, **typed: Any) -> TestResponse:
        """Send one further act; message_text stands for message-text."""
        named = {name.replace("_", "-"): value for name, value in typed.items()}
        return self.client.post(f"/progress/{self.number}/{noun}", data={"code": self.code, **named})


def close(notice: Notice) -> None:
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))


def rule(objection: Objection, *dispositions: Disposition, now: str = AFTERNOON) -> None:
    decider = builders.acting(Role.DECIDER)
    for ground, disposition in zip(objection.grounds, dispositions, strict=True):
        done(partial(objections.rule_on_ground, ground, disposition, "经核对合同原件", actor=decider, now=at(now)))


def filed(notice: Notice, when: str) -> tuple[Objection | Complaint, str]:
    """A filing about the notice at a Beijing time, and its code."""
    now = at(when)
    token = done(lambda: filings.begin(notice.id, now=now))
    grounds = [Ground("合同金额不对，请核对原件"), Ground("签订日期早于中标日期")]
    number = done(
        lambda: objections.file_or_complain(
            notice.id, token, grounds, filings.ANONYMOUS, arrived_at=now, actor=PUBLIC, now=now
        )
    )
    return builders.filed(number), receipts.code_for(token)
