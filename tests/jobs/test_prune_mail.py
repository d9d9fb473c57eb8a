"""The outbox forgets what nobody needs any more, and nothing else (rule N10)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import prune_mail
from jobs.runner import Outcome
from jobs.scheduler import TIMETABLE
from portal.domain import identity_vault, outbox
from portal.extensions import db, insert
from portal.models.outbox import OutboxMessage
from tests.builders import MORNING, done


def letter(key: str, template: str = "alert_notices", *, sent: datetime | None = MORNING, attempts: int = 1) -> None:
    """A letter of this morning: sent, given up, or waiting."""
    done(
        lambda: insert(
            OutboxMessage, key=key, template=template, vault_entry_id=identity_vault.keep({}, now=MORNING), facts={},
            created_at=MORNING, due_at=MORNING, sent_at=sent, attempts=attempts,
        )
    )  # fmt: skip


def kept() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(OutboxMessage.key)))


@pytest.mark.rule("N10")
def test_each_kind_of_letter_is_kept_as_long_as_somebody_may_need_it(app: Flask):
    letter("told")
    letter("refused", sent=None, attempts=outbox.MOST_ATTEMPTS)
    letter("waiting", sent=None)
    letter("approved", "application_approved")
    letter("not approved", "application_approved", sent=None, attempts=outbox.MOST_ATTEMPTS)
    everything = kept()
    for days, gone in (
        (30, set()),
        (31, {"told"}),
        (180, {"told"}),
        (181, {"told", "refused"}),
        (1095, {"told", "refused"}),
    ):
        prune_mail.run(now=MORNING + timedelta(days=days))
        assert kept() == everything - gone, days
    assert prune_mail.run(now=MORNING + timedelta(days=1096)) == Outcome(2, 0)
    assert kept() == {"waiting"}
    assert prune_mail.run(now=MORNING + timedelta(days=9999)) == Outcome(0, 0)
    assert kept() == {"waiting"}


def test_many_go_in_batches_past_those_that_stay(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prune_mail, "BATCH", 2)
    for number in range(7):
        letter(f"alert/{number}")
        letter(f"case/{number}", "application_rejected")
    assert prune_mail.run(now=MORNING + timedelta(days=40)) == Outcome(7, 0)
    assert len(kept()) == 7


def test_it_stands_on_the_timetable():
    assert TIMETABLE[prune_mail] == 24 * 60 * 60
