"""订阅提醒: subscribe by e-mail, confirm, hear of new notices once each, end it with one click.

What is subscribed to is nobody's business: it is no case and leaves no trail entry, the address lies in the vault alone
(rule C7), and whoever unsubscribes is forgotten altogether.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.clock import beijing_date
from portal.domain import identifiers, identity_vault, outbox, policy, receipts
from portal.domain.alert_matching import LONGEST_WORD, SHORTEST_WORD, squeezed
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.extensions import db, lock
from portal.models.alert import AlertMatch, AlertSubscription
from portal.models.bureau import Bureau
from portal.models.project import Project
from portal.models.words import AlertPace, AlertTopic

UNKNOWN = "没有找到这个订阅：可能已经退订，也可能没有在期限内确认。需要时可以重新订阅。"
LONGEST_ADDRESS = 254
# what mail servers agree on; no blank, quote, comment or line end can hide in it
_ATOM, _LABEL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+[a-z]{{2,63}}", re.IGNORECASE | re.ASCII)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hear of: its topic, the key notices are matched by, and its name in words."""

    topic: AlertTopic
    key: str
    name: str


def wish(topic: AlertTopic, said: str) -> Wish:
    """What `said` means: the code of a bureau or company, the number of a project, or a word.

    Raises RuleViolation (field: the topic's value) if there is no such bureau or project, or it finds nothing.
    """
    said = said.strip()
    if topic is AlertTopic.BUREAU:
        bureau = db.session.scalar(select(Bureau).where(Bureau.code == said[:12]))
        if bureau is None:
            raise RuleViolation("请选择要订阅的部门", field=topic.value)
        return Wish(topic, bureau.code, f"{bureau.name}（含下级）")
    if topic is AlertTopic.PROJECT:
        project = db.session.scalar(select(Project).where(Project.number == said[:40]))
        if project is None:
            raise RuleViolation("没有这个项目编号，请对照公示页面核对", field=topic.value)
        return Wish(topic, project.number, project.name)
    if topic is AlertTopic.COMPANY:
        checked = identifiers.check_uscc(said)
        if checked.value is None:
            why = next((problem.message for problem in checked.problems), "请填写18位统一社会信用代码")
            raise RuleViolation(why, field=topic.value)
        return Wish(topic, checked.value, f"统一社会信用代码为{checked.value}的企业")
    word = squeezed(said)
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD:
        raise RuleViolation(f"关键词请填{SHORTEST_WORD}到{LONGEST_WORD}个字，不算标点和空格", field=topic.value)
    return Wish(topic, word, f"含“{word}”的公示")


def checked_address(typed: str) -> str:
    """The address if a letter can be sent there. Raises RuleViolation (field `address`) otherwise."""
    address = typed.strip()
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address) or len(address.partition("@")[0]) > 64:
        raise RuleViolation("邮箱地址的格式不对，请写成 name@example.com 的样子", field="address")
    return address


def subscribe(wanted: Wish, address: str, pace: AlertPace, *, now: datetime) -> None:
    """Keep the wish and queue a letter that asks the owner of `address` to confirm it; nothing is matched before.

    Whether the address is known, subscribed already, or has had its letters for today, the caller hears the same:
    nobody learns from us who subscribed to what. Raises RuleViolation for an address no letter can be sent to.
    """
    address = checked_address(address)
    mark = identity_vault.fingerprint(address.lower())
    letters_allowed, most = policy.values(beijing_date(now), "alerts.letters_per_day", "alerts.most_per_address")
    own = list(db.session.scalars(select(AlertSubscription).where(AlertSubscription.address_print == mark)))
    asked_lately = sum(each.letters for each in own if each.asked_at > now - _ONE_DAY)
    known = next((each for each in own if (each.topic, each.key) == (wanted.topic, wanted.key)), None)
    if asked_lately >= letters_allowed or (known is None and len(own) >= most):
        return
    if known is None:
        known = _store(wanted, address, mark, pace, now=now)
    else:
        known.letters = known.letters + 1 if known.asked_at > now - _ONE_DAY else 1
        known.asked_at = now
        if known.confirmed_at is None:
            known.pace = pace  # a confirmed one is changed by its owner alone
    outbox.queue(
        f"alert/{known.id}/confirm/{now.timestamp():.0f}/{known.letters}",
        "alert_confirmation",
        known.vault_entry_id,
        {
            "name": known.name,
            "pace": known.pace.label,
            "hours": policy.value("alerts.confirm_hours", beijing_date(now)),
        },
        now=now,
    )


def find(token: str) -> AlertSubscription:
    """The subscription whose letters carry this token. Raises NotFound, also for one that is over."""
    found = _by_token(token)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def confirm(token: str, pace: AlertPace, *, now: datetime) -> None:
    """From now on new notices are told to the owner of the address, as soon as `pace` says.

    Confirming again changes the pace. Raises NotFound if the subscription is over.
    """
    subscription = find(token)
    subscription.confirmed_at = subscription.confirmed_at or now
    subscription.pace = pace


def unsubscribe(token: str) -> None:
    """Forget the subscription and the address. Doing it again changes nothing: a mail program may ask twice."""
    found = _by_token(token)
    if found is not None:
        _forget(found)


def forget_unconfirmed(subscription_id: int, *, now: datetime) -> None:
    """Forget a wish nobody confirmed in time. Raises NotAllowedNow if it has been confirmed or forgotten meanwhile."""
    subscription = _locked(subscription_id)
    limit = timedelta(hours=policy.value("alerts.confirm_hours", beijing_date(now)))
    if subscription.confirmed_at is not None or subscription.asked_at >= now - limit:
        raise NotAllowedNow("此订阅已确认，或尚未到期")
    _forget(subscription)


def _store(wanted: Wish, address: str, mark: str, pace: AlertPace, *, now: datetime) -> AlertSubscription:
    token = receipts.new_token()
    subscription = AlertSubscription(
        topic=wanted.topic,
        key=wanted.key,
        name=wanted.name[:200],
        pace=pace,
        token_hash=receipts.token_hash(token),
        address_print=mark,
        vault_entry_id=identity_vault.keep({"email": address, "token": token}, now=now),
        asked_at=now,
        letters=1,
    )
    db.session.add(subscription)
    try:
        db.session.flush()
    except IntegrityError:  # the same form sent twice at once: the other one is being answered
        raise NotAllowedNow("刚刚已经收到同样的订阅，请查收确认邮件") from None
    return subscription


def _by_token(token: str) -> AlertSubscription | None:
    return db.session.scalar(
        select(AlertSubscription).where(AlertSubscription.token_hash == receipts.token_hash(token))
    )


def _locked(subscription_id: int) -> AlertSubscription:
    try:
        return lock(AlertSubscription, subscription_id)
    except LookupError:
        raise NotAllowedNow(UNKNOWN) from None


def _forget(subscription: AlertSubscription) -> None:
    """A letter still in the outbox then has nobody to go to, and is settled without being sent."""
    db.session.execute(delete(AlertMatch).where(AlertMatch.subscription_id == subscription.id))
    identity_vault.forget(subscription.vault_entry_id)
    db.session.delete(subscription)
    db.session.flush()
