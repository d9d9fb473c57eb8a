"""Staff accounts: opening one, signing in and out (rules A3, A6 as far as built)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY
from sqlalchemy import select

from portal.domain import trail
from portal.domain.actor import Actor
from portal.domain.errors import RuleViolation
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.account import Account
from portal.models.bureau import Bureau
from portal.models.words import Role

SHORTEST_PASSWORD = 12
TRIES_BEFORE_LOCK = 5
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_cheaply(cheap: bool) -> None:
    """Set what a password's hash costs: from now on next to nothing (tests), or what RFC 9106 asks for."""
    global _hasher
    _hasher = PasswordHasher.from_parameters(CHEAPEST if cheap else RFC_9106_LOW_MEMORY)
    _nobody.cache_clear()


@cache
def _nobody() -> str:
    """Checked when the account does not exist, so that the answer takes as long."""
    return _hasher.hash(secrets.token_urlsafe(16))


def actor_of(account: Account) -> Actor:
    """The account as the one who acts."""
    bureau = account.bureau
    return Actor(
        name=f"staff:{account.username}",
        roles=account.role_set,
        user_id=account.id,
        bureau_id=bureau.id,
        bureau_code=bureau.code,
        bureau_path=bureau.path,
        tier=bureau.tier,
    )


def create(
    username: str,
    display_name: str,
    bureau: Bureau,
    roles: Iterable[Role],
    password: str,
    *,
    department: str = "",
    actor: Actor,
    now: datetime,
) -> Account:
    """Open an account. Raises RuleViolation for a short password or duties that exclude each other (A4)."""
    duties = sorted(set(roles))
    if len(password) < SHORTEST_PASSWORD:
        raise RuleViolation(f"密码至少{SHORTEST_PASSWORD}位", rule="A6", field="password")
    deciding = {Role.VERIFIER, Role.DECIDER, Role.PUBLISHER} & set(duties)
    if deciding and {Role.ACCOUNT_ADMINISTRATOR, Role.AUDITOR} & set(duties):
        raise RuleViolation("账号管理岗、审计岗不得兼任核实、公示、审核办理岗", rule="A4", field="roles")
    account = Account(
        username=username,
        display_name=display_name,
        department=department,
        bureau=bureau,
        roles=[role.value for role in duties],
        password_hash=_hasher.hash(password),
    )
    db.session.add(account)
    trail.record(
        Event.ACCOUNT_CREATED,
        actor=actor,
        now=now,
        subject=("account", username),
        after={"bureau": bureau.code},
        detail={"roles": [role.value for role in duties]},
    )
    return account


def password_fits(username: str, password: str) -> tuple[int | None, bool]:
    """Id of the account, if there is one, and whether the password is its. Slow on purpose: call it before the
    transaction.
    """
    row = db.session.execute(
        select(Account.id, Account.password_hash).where(Account.username == username[:40])
    ).one_or_none()
    fits = False
    with suppress(VerifyMismatchError, InvalidHashError):  # either way: it does not fit
        fits = bool(_hasher.verify(row.password_hash if row else _nobody(), password[:200]))
    return (row.id, fits) if row else (None, False)


def sign_in(account: Account, fits: bool, *, now: datetime) -> bool:
    """Begin the account's one live session, or count a failed try; after five the account is locked, longer each time.

    Returns whether the account is signed in now. Never tells the caller which of name, password or lock was wrong.
    """
    actor = actor_of(account)
    locked = account.locked_until is not None and account.locked_until > now
    if not fits or locked or not account.active:
        account.failed_sign_ins += 1
        if account.failed_sign_ins >= TRIES_BEFORE_LOCK:
            minutes = 2 ** min(account.failed_sign_ins - TRIES_BEFORE_LOCK, 6)
            account.locked_until = now + timedelta(minutes=minutes)
        trail.record(Event.SIGN_IN_REFUSED, actor=actor, now=now, subject=("account", account.username))
        return False
    account.failed_sign_ins, account.locked_until = 0, None
    account.session_key = secrets.token_urlsafe(24)
    trail.record(Event.SIGNED_IN, actor=actor, now=now, subject=("account", account.username))
    return True


def sign_out(account: Account, *, now: datetime) -> None:
    """End the live session."""
    account.session_key = None
    trail.record(Event.SIGNED_OUT, actor=actor_of(account), now=now, subject=("account", account.username))
