"""Short ways to say what a look at a notice saw."""

from __future__ import annotations

from datetime import datetime

from portal.domain import publication_watch
from portal.domain.actor import SYSTEM
from portal.models.notice import Notice
from portal.models.words import SightingOutcome, SightingPlace
from tests.builders import at, done

ANSWERS = {
    SightingOutcome.ABSENT: (404, ""),
    SightingOutcome.DIFFERENT: (200, "f" * 64),
    SightingOutcome.UNREACHABLE: (None, ""),
}


def looked(notice: Notice, when: str | datetime, outcome: SightingOutcome = SightingOutcome.SEEN) -> None:
    """The watcher looked at this notice at that Beijing time, and this is what it saw."""
    status, content_hash = ANSWERS.get(outcome, (200, notice.content_hash))
    now = at(when) if isinstance(when, str) else when
    done(
        lambda: publication_watch.note(
            notice.id, SightingPlace.PAGE,
            http_status=status, content_hash=content_hash, milliseconds=31,
            pace=publication_watch.how_often(now), actor=SYSTEM, now=now,
        )
    )  # fmt: skip


def gap(notice: Notice, began: str, ended: str) -> None:
    """The notice was not seen between these Beijing times, and seen again at the second."""
    looked(notice, began, SightingOutcome.UNREACHABLE)
    looked(notice, ended)
