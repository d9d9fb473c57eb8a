"""通报: what the province tells everybody (rule I4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.clock import beijing_date
from portal.domain import permissions, personal_data, trail
from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowed, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.circular import Circular
from portal.models.counter import next_number
from portal.models.words import Role, Tier

LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME = 200, 20_000, 60


def publish(title: str, text: str, copied_to: Sequence[str] = (), *, actor: Actor, now: datetime) -> Circular:
    """Publish a circular to the whole province; from then on it stands as it is (rule I4).

    By a decider of the province. copied_to: the departments it is sent to as well (抄送). Raises NotAllowed,
    RuleViolation for what is missing, too long or would publish personal data (N1).
    """
    permissions.require(actor, Permission.DECIDE)
    if actor.tier is not Tier.PROVINCE:
        raise NotAllowed("通报由省住房和城乡建设厅发布", rule="I4")
    title, text = title.strip(), text.strip()
    copies = list(dict.fromkeys(name.strip() for name in copied_to if name.strip()))
    for field, said, longest, name in (
        ("title", title, LONGEST_TITLE, "标题"),
        ("text", text, LONGEST_TEXT, "正文"),
        ("copied_to", max(copies, key=len, default="-"), LONGEST_NAME, "抄送单位"),
    ):
        if not said:
            raise RuleViolation(f"请填写{name}", rule="I4", field=field)
        if len(said) > longest:
            raise RuleViolation(f"{name}不超过{longest}个字", rule="I4", field=field)
        if personal_data.find_personal_data(said):
            raise RuleViolation(f"{name}将公开，请删去其中的电话、身份证号等个人信息", rule="N1", field=field)
    year = beijing_date(now).year
    number = f"TB-{year}-{next_number(f'TB-{year}'):03d}"
    content_hash = digest(canonical_bytes({"number": number, "title": title, "text": text, "copied_to": copies}))
    circular = Circular(
        number=number,
        title=title,
        text=text,
        copied_to=copies,
        content_hash=content_hash,
        bureau=db.session.get_one(Bureau, actor.bureau_id),
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
