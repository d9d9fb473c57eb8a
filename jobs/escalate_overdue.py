"""Every few minutes: take objections that were not answered in time one tier up (超期升级督办; rules O8, E1)."""

from __future__ import annotations

from datetime import datetime

from jobs.runner import Outcome, each
from portal.clock import beijing_date
from portal.domain import escalation
from portal.domain.actor import SYSTEM
from portal.domain.ladder import OBJECTION_ANSWER
from portal.extensions import db
from portal.models.escalation import to_escalate
from portal.models.words import LimitStep


def run(*, now: datetime) -> Outcome:
    """Escalate what is overdue at `now`. Run it twice, or two at once: nothing more happens."""
    arrived_before = OBJECTION_ANSWER.began_before(LimitStep.OVERDUE, beijing_date(now))
    overdue = list(db.session.scalars(to_escalate(arrived_before)))
    db.session.rollback()  # each objection is taken up in a transaction of its own
    return each(overdue, lambda objection_id: escalation.escalate_overdue_objection(objection_id, SYSTEM, now=now))
