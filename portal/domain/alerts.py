"""订阅提醒: subscribe by e-mail, confirm, hear of new notices once each, end it with one click.

What is subscribed to is nobody's business: it is no case and leaves no trail entry, the address lies in the vault alone
(rule C7), and whoever unsubscribes is forgotten altogether.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.clock import beijing_date, midnight_after
from portal.domain import identifiers, identity_vault, limits, mail_addresses, outbox, policy, receipts
from portal.domain.alert_matching import LONGEST_WORD, SHORTEST_WORD, squeezed
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.extensions import db, lock
from portal.models.alert import AlertMatch, AlertSubscription
from portal.models.bureau import Bureau
from portal.models.company import Company
from portal.models.outbox import OutboxMessage, refused_by_mailbox, taken_since
from portal.models.project import Project
from portal.models.words import AlertPace, AlertTopic

UNKNOWN = "没有找到这个订阅：可能已经退订，也可能没有在期限内确认，或者邮箱连续拒收；需要时可以重新订阅"
ASKED, LETTERS = "alerts_asked", "alert_letters"
"""What is counted: by visitor and hour, by mailbox and day."""


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
        return Wish(topic, project.number, _one_line(project.name))
    if topic is AlertTopic.COMPANY:
        checked = identifiers.check_uscc(said)
        if checked.value is None:
            why = next((problem.message for problem in checked.problems), "请填写18位统一社会信用代码")
            raise RuleViolation(why, field=topic.value)
        known = db.session.scalar(select(Company.name).where(Company.code == checked.value))
        return Wish(topic, checked.value, _one_line(known) if known else f"统一社会信用代码为{checked.value}的企业")
    word = squeezed(said)
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD:
        raise RuleViolation(f"关键词请填{SHORTEST_WORD}到{LONGEST_WORD}个字，不算标点和空格", field=topic.value)
    return Wish(topic, word, f"含“{word}”的公示")


def subscribe(wanted: Wish, address: str, pace: AlertPace, *, visitor: str, now: datetime) -> None:
    """Keep the wish and queue a letter that asks the owner of `address` to confirm it; nothing is matched before.

    Whether the address is known, subscribed already, or has had its letters for today, the caller hears the same:
    nobody learns from us who subscribed to what. visitor: the key of who asks, who may ask so often an hour.
    Raises RuleViolation for an address no letter can be sent to, TooMany for a visitor who asks too often.
    """
    address = mail_addresses.checked(address)
    mark = identity_vault.fingerprint(address.lower())
    most = policy.value("alerts.most_per_address", beijing_date(now))
    _count_visitor(visitor, now=now)
    if not _may_have_a_letter(address, now=now):
        return
    own = list(db.session.scalars(select(AlertSubscription).where(AlertSubscription.address_print == mark)))
    known = next((each for each in own if (each.topic, each.key) == (wanted.topic, wanted.key)), None)
    if known is None and len(own) >= most:
        return
    if known is None:
        known = _store(wanted, address, mark, pace, now=now)
        if known is None:
            return
    else:
        known.letters, known.asked_at = known.letters + 1, now
        if known.confirmed_at is None:
            known.pace = pace  # a confirmed one is changed by its owner alone
    outbox.queue(
        f"alert/{known.vault_entry_id}/confirm/{known.letters}",
        "alert_confirmation",
        known.vault_entry_id,
        {
            "name": known.name,
            "pace": known.pace.label,
            "hours": policy.value("alerts.confirm_hours", beijing_date(now)),
            "confirmed": known.confirmed_at is not None,
        },
        now=now,
    )


def find(token: str, *, now: datetime) -> AlertSubscription:
    """The subscription whose letters carry this token. Raises NotFound, also for one that is over or was not confirmed
    in time.
    """
    found = _by_token(token)
    if found is None or _lapsed(found, now=now):
        raise NotFound(UNKNOWN)
    return found


def confirm(token: str, pace: AlertPace, *, now: datetime) -> None:
    """From now on new notices are told to the owner of the address, as soon as `pace` says.

    Confirming again changes the pace. Raises NotFound if the subscription is over.
    """
    subscription = find(token, now=now)
    subscription.confirmed_at = subscription.confirmed_at or now
    subscription.pace = pace


def unsubscribe(token: str) -> None:
    """Forget the subscription and the address. Doing it again changes nothing: a mail program may ask twice."""
    found = _by_token(token)
    if found is not None:
        _forget(found.id)


def forget_unconfirmed(subscription_id: int, *, now: datetime) -> None:
    """Forget a wish nobody confirmed in time. Raises NotAllowedNow if it has been confirmed or forgotten meanwhile."""
    try:
        subscription = lock(AlertSubscription, subscription_id)
    except LookupError:
        raise NotAllowedNow(UNKNOWN) from None
    if not _lapsed(subscription, now=now):
        raise NotAllowedNow("此订阅已确认，或尚未到期")
    _forget(subscription_id)


def mailbox_refused(message: OutboxMessage, why: str, *, now: datetime) -> None:
    """Note that a mailbox would not have a letter; if it refused those of several days (setting) and took none since,
    end all its subscriptions: nobody reads them, and servers think ill of who goes on writing.

    Why it ended stands with the letter, which is given up, as long as that is kept; the address stands nowhere.
    """
    outbox.refused(message, why)
    owner = select(AlertSubscription.address_print).where(AlertSubscription.vault_entry_id == message.vault_entry_id)
    own = db.session.scalars(
        select(AlertSubscription)
        .where(AlertSubscription.address_print == owner.scalar_subquery())
        .order_by(AlertSubscription.id)
    ).all()
    entries = [each.vault_entry_id for each in own]
    written = db.session.scalars(refused_by_mailbox(entries)).all()
    days = len({beijing_date(each) for each in written})
    most = policy.value("alerts.refused_days", beijing_date(now))
    if days < most or db.session.scalar(taken_since(min(written), entries).limit(1)) is not None:
        return
    for subscription in own:
        _forget(subscription.id)
    outbox.give_up(message, f"{message.failure[:200]} (letters of {days} days; its subscriptions ended)")


def _count_visitor(visitor: str, *, now: datetime) -> None:
    (asked,) = limits.so_far(ASKED, visitor, now=now)
    if asked >= policy.value("alerts.asked_per_visitor", beijing_date(now)):
        raise limits.TooMany(
            f"从您的网络地址申请的订阅较多，请{60 - now.minute}分钟后再试；也可以改用订阅源，不限次数。"
        )
    limits.one_more(ASKED, visitor, now=now)


def _may_have_a_letter(address: str, *, now: datetime) -> bool:
    """Count one letter that somebody asks for in the name of a mailbox; it gets so many a day, whoever asks.

    Counted apart from its subscriptions, so that ending them does not begin the count anew.
    """
    today = beijing_date(now)
    key = identity_vault.fingerprint(f"{today.isoformat()} {mail_addresses.mailbox(address)}")
    begun = midnight_after(today - timedelta(days=1))
    return limits.one_more(LETTERS, key, now=begun) <= policy.value("alerts.letters_per_day", today)


def _store(wanted: Wish, address: str, mark: str, pace: AlertPace, *, now: datetime) -> AlertSubscription | None:
    """The new subscription; None if the same one was stored this very moment, which then has its letter."""
    token = receipts.new_token()
    try:
        with db.session.begin_nested():
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
    except IntegrityError:
        return None
    return subscription


def _by_token(token: str) -> AlertSubscription | None:
    return db.session.scalar(
        select(AlertSubscription).where(AlertSubscription.token_hash == receipts.token_hash(token))
    )


def _lapsed(subscription: AlertSubscription, *, now: datetime) -> bool:
    """Whether nobody confirmed it while its letter was good."""
    hours = policy.value("alerts.confirm_hours", beijing_date(now))
    return subscription.confirmed_at is None and subscription.asked_at < now - timedelta(hours=hours)


def _forget(subscription_id: int) -> None:
    """A letter still in the outbox then has nobody to go to, and is settled without being sent."""
    try:
        subscription = lock(AlertSubscription, subscription_id)  # nobody matches or tells it meanwhile
    except LookupError:
        return
    db.session.execute(delete(AlertMatch).where(AlertMatch.subscription_id == subscription_id))
    identity_vault.forget(subscription.vault_entry_id)
    db.session.delete(subscription)
    db.session.flush()


def _one_line(text: str) -> str:
    """For subjects and lists: a name is no place for line ends."""
    return " ".join(text.split())
