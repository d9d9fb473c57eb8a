"""通报: what the province tells everybody (rule I4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.clock import beijing_date
from portal.domain import permissions, personal_data, trail
from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db, lock
from portal.models.bureau import Bureau
from portal.models.circular import Circular
from portal.models.counter import next_number
from portal.models.words import Role

LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME, MOST_COPIES = 200, 20_000, 60, 30


def publish(title: str, text: str, copied_to: Sequence[str] = (), *, actor: Actor, now: datetime) -> Circular:
    """Publish a circular to the whole province; from then on it stands as it is (rule I4).

    By a decider of the province. copied_to: the departments it is sent to as well (抄送). One that stands already with
    the same title and text is returned instead of a second one. Raises NotAllowed, RuleViolation for what is missing,
    too long or would publish personal data (N1).
    """
    permissions.require(actor, Permission.PUBLISH_CIRCULAR)
    title, text, copies = check(title, text, copied_to)
    province = lock(Bureau, actor.bureau_id or 0)  # one after the other: a second click finds what the first published
    twin = db.session.scalar(select(Circular).where(Circular.title == title, Circular.text == text))
    if twin is not None:
        return twin
    year = beijing_date(now).year
    number = f"TB-{year}-{next_number(f'TB-{year}'):03d}"
    content_hash = digest(canonical_bytes({"number": number, "title": title, "text": text, "copied_to": copies}))
    circular = Circular(
        number=number,
        title=title,
        text=text,
        copied_to=copies,
        content_hash=content_hash,
        bureau=province,
        published_by=actor.name,
        published_at=now,
    )
    db.session.add(circular)
    trail.record(
        Event.CIRCULAR_PUBLISHED,
        actor=actor,
        now=now,
        subject=("circular", number),
        acting_as=Role.DECIDER.value,
        after={"content": content_hash},
        detail={"number": number, "title": title, "copied_to": copies},
    )
    return circular


def check(title: str, text: str, copied_to: Sequence[str] = ()) -> tuple[str, str, list[str]]:
    """Title, text and departments as they would be published. Raises RuleViolation."""
    title, text = title.strip(), text.replace("\r\n", "\n").strip()
    copies = list(dict.fromkeys(name.strip() for name in copied_to if name.strip()))
    if len(copies) > MOST_COPIES:
        raise RuleViolation(f"抄送单位不超过{MOST_COPIES}个", rule="I4", field="copied_to")
    _check(title, "标题", LONGEST_TITLE, "title")
    _check(text, "正文", LONGEST_TEXT, "text")
    for name in copies:
        _check(name, "每个抄送单位的名称", LONGEST_NAME, "copied_to")
    return title, text, copies


def _check(said: str, name: str, longest: int, field: str) -> None:
    if not said:
        raise RuleViolation(f"请填写{name}", rule="I4", field=field)
    if len(said) > longest:
        raise RuleViolation(f"{name}不超过{longest}个字", rule="I4", field=field)
    personal_data.require_none(said, name, field=field)
