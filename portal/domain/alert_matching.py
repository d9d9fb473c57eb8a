"""Which subscribers hear of a notice: looked up once per notice by what it is found under, never by going through the
subscribers; then one letter per subscriber for all he is to hear.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import case, delete, insert, literal, select

from portal.clock import BEIJING, beijing_date
from portal.domain import identifiers, notice_content, outbox, policy
from portal.domain.errors import NotAllowedNow
from portal.extensions import UtcDateTime, db, lock
from portal.models.alert import AlertMatch, AlertSubscription, FreshNotice, NoticeCompany
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import plain
from portal.models.words import AlertPace, AlertTopic, NoticeStatus

SHORTEST_WORD, LONGEST_WORD = 2, 12
"""Of a word one can subscribe to: a notice is looked up under each run of so many of its characters."""
MOST_TEXT = 1000
"""Characters of a notice's names and numbers that are looked at: what lies beyond is no name any more."""
KEYS_AT_ONCE = 500
MOST_LISTED = 50
"""Notices one letter lists; how many more there are is said below them."""


def announce(notice: Notice, content: dict[str, Any]) -> None:
    """Note, with its publication, that subscribers are to be looked up, and which companies the notice names."""
    db.session.add(FreshNotice(notice_id=notice.id))
    db.session.add_all(NoticeCompany(code=code, notice_id=notice.id) for code in sorted(companies_of(content)))


def companies_of(content: dict[str, Any]) -> set[str]:
    """Unified social credit codes of all companies a notice's content names."""
    codes = {content["project"]["owner_code"], content["applicant"]["code"]}
    for change in content["changes"]:
        for said in (change["before"] or {}, change["after"]):
            codes |= {str(value) for key, value in said.items() if key.endswith("_code") and value}
    return {code for code in codes if code and identifiers.check_uscc(code).ok}


def squeezed(text: str) -> str:
    """The form in which words are compared: full-width folded, lower case, without blanks and punctuation."""
    return "".join(char for char in plain(text) if char.isalnum())


def match(notice_id: int, *, now: datetime) -> None:
    """Note for every subscriber of a fresh notice that he is to hear of it. Once per notice.

    Costs what the notice's own words cost, however many subscriptions there are. Raises NotAllowedNow if somebody else
    has done it.
    """
    try:
        fresh = lock(FreshNotice, notice_id)
    except LookupError:
        raise NotAllowedNow("此公示的订阅人已经通知过") from None
    db.session.delete(fresh)
    notice = db.session.get_one(Notice, notice_id)
    if notice.status is NoticeStatus.RETRACTED:
        return
    content = json.loads(notice.content)
    due = case(
        (AlertSubscription.pace == AlertPace.DAILY, literal(_next_digest(now), UtcDateTime())),
        else_=literal(now, UtcDateTime()),
    )
    for topic, found_under in _found_under(notice, content):
        keys = sorted(found_under)
        for start in range(0, len(keys), KEYS_AT_ONCE):
            subscribers = select(AlertSubscription.id, literal(notice_id), due).where(
                AlertSubscription.topic == topic,
                AlertSubscription.key.in_(keys[start : start + KEYS_AT_ONCE]),
                AlertSubscription.confirmed_at.is_not(None),
            )
            columns = ["subscription_id", "notice_id", "due_at"]
            db.session.execute(insert(AlertMatch).from_select(columns, subscribers))


def tell(subscription_id: int, *, now: datetime) -> None:
    """Put one letter with everything due to this subscriber into the outbox, and strike it off: never twice, also not
    for another of his subscriptions.

    A notice retracted meanwhile is left out. Raises NotAllowedNow if there is nothing to tell, or nobody.
    """
    whose = select(AlertSubscription.address_print).where(AlertSubscription.id == subscription_id).scalar_subquery()
    his = db.session.scalars(
        select(AlertSubscription)
        .where(AlertSubscription.address_print == whose)
        .order_by(AlertSubscription.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    subscription = next((each for each in his if each.id == subscription_id), None)
    if subscription is None:
        raise NotAllowedNow("此订阅已经退订")
    due = select(AlertMatch.notice_id).where(AlertMatch.subscription_id == subscription_id, AlertMatch.due_at <= now)
    ids = db.session.scalars(
        select(Notice.id)
        .where(Notice.id.in_(due), Notice.status != NoticeStatus.RETRACTED)
        .order_by(Notice.id.desc())
    ).all()  # fmt: skip
    struck = delete(AlertMatch).where(
        AlertMatch.subscription_id.in_([each.id for each in his]), AlertMatch.notice_id.in_(due)
    )
    if not db.session.execute(struck, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
        raise NotAllowedNow("没有需要通知的公示")
    if ids:
        entry = subscription.vault_entry_id  # never given to anybody else, as the number of a subscription may be
        facts = {"name": subscription.name, "count": len(ids), "notices": list(ids[:MOST_LISTED])}
        outbox.queue(f"alert/{entry}/{ids[-1]}-{ids[0]}", "alert_notices", entry, facts, now=now)


def letter_facts(told: dict[str, Any]) -> dict[str, Any]:
    """What a letter says of the notices it tells of, as they are now, when it leaves: a last day may have moved, and a
    notice retracted meanwhile is left out. Its `count` is 0 if nothing is left to say.
    """
    rows = db.session.execute(
        select(Notice.reference, Notice.title, Notice.last_day, Notice.provisional, Bureau.name.label("bureau"))
        .join(Bureau, Notice.bureau_id == Bureau.id)
        .where(Notice.id.in_(told["notices"]), Notice.status != NoticeStatus.RETRACTED)
        .order_by(Notice.id.desc())
    ).all()
    more = told["count"] - len(told["notices"])
    return {"name": told["name"], "notices": rows, "more": more, "count": len(rows) + more}


def _found_under(notice: Notice, content: dict[str, Any]) -> Iterator[tuple[AlertTopic, set[str]]]:
    """The keys of each topic under which subscribers may have asked for this notice."""
    path = select(Bureau.path).where(Bureau.id == notice.bureau_id).scalar_subquery()
    above = db.session.scalars(select(Bureau.code).where(path.startswith(Bureau.path)))
    yield AlertTopic.BUREAU, set(above)
    yield AlertTopic.PROJECT, {content["project"]["number"]}
    yield AlertTopic.COMPANY, companies_of(content)
    yield AlertTopic.WORD, set(_words([content["project"]["name"], *notice_content.searchable(content)]))


def _words(texts: Iterable[str]) -> Iterator[str]:
    """Every run of characters somebody may have subscribed to."""
    left = MOST_TEXT
    for text in dict.fromkeys(map(squeezed, texts)):
        some, left = text[:left], left - len(text[:left])
        for start in range(len(some) - SHORTEST_WORD + 1):
            for end in range(start + SHORTEST_WORD, min(start + LONGEST_WORD, len(some)) + 1):
                yield some[start:end]


def _next_digest(now: datetime) -> datetime:
    """The next time of day at which summaries leave, strictly after `now`."""
    hour = min(policy.value("alerts.digest_hour", beijing_date(now)), 23)
    today = datetime.combine(beijing_date(now), time(hour), BEIJING)
    return today if today > now else today + timedelta(days=1)
