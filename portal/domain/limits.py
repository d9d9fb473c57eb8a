"""频次限制: how much one address may do before it must prove that it means it. Published, and never a closed door.

Filing is not refused for being frequent: above a limit it costs a little computing, or a short wait. Only the guessing
of receipt codes is stopped for a while (rule O4). Counts lie in the database, so that all processes count together;
whose they are, only a keyed hash tells, and only for a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text

from portal.clock import beijing_date
from portal.domain import policy
from portal.domain.errors import RuleViolation
from portal.extensions import UtcDateTime, db
from portal.models.limit_count import LimitCount

FILINGS, WRONG_PAIRS, PROOFS = "filings", "wrong_pairs", "proofs"
KEPT = timedelta(days=1)
_ONE_MORE = text(
    "INSERT INTO limit_count (what, key, hour, times) VALUES (:what, :key, :hour, 1) "
    "ON CONFLICT (what, key, hour) DO UPDATE SET times = limit_count.times + 1 RETURNING times"
).bindparams(bindparam("hour", type_=UtcDateTime()))


class TooMany(RuleViolation):
    """Tried too often: the same later."""

    status = 429


def one_more(what: str, key: str, *, now: datetime) -> int:
    """Count one more in the present transaction. Returns how many that makes in the hour of `now`."""
    made: int = db.session.connection().execute(_ONE_MORE, {"what": what, "key": key, "hour": _hour(now)}).scalar_one()
    return made


def so_far(what: str, *keys: str, now: datetime) -> list[int]:
    """How many there are in the hour of `now`, by key."""
    rows = db.session.connection().execute(
        select(LimitCount.key, LimitCount.times).where(
            LimitCount.what == what, LimitCount.key.in_(keys), LimitCount.hour == _hour(now)
        )
    )
    counts = {row.key: row.times for row in rows}
    return [counts.get(key, 0) for key in keys]


def excess(address: str, about: str, *, now: datetime) -> int:
    """How many times over a limit the next filing from `address` about `about` would be: 0 means nothing is asked."""
    by_address, by_matter = so_far(FILINGS, address, about, now=now)
    per_address, per_matter = policy.values(
        beijing_date(now), "limits.filings_per_address", "limits.filings_per_matter"
    )
    return max(by_address // per_address, by_matter // per_matter)


def note_filing(address: str, about: str, *, now: datetime) -> None:
    """Count a filing for its address and for what it is about, in the filing's own transaction."""
    one_more(FILINGS, address, now=now)
    one_more(FILINGS, about, now=now)


def may_try(address: str, *, now: datetime) -> None:
    """Raise TooMany if this address has tried too many wrong pairs of number and code this hour (rule O4)."""
    (wrong,) = so_far(WRONG_PAIRS, address, now=now)
    if wrong >= policy.value("limits.wrong_pairs", beijing_date(now)):
        minutes = 60 - now.minute
        raise TooMany(f"编号与查询码不符的次数过多，请{minutes}分钟后再试。查询码在回执上，请仔细核对。", rule="O4")


def wrong_pair(address: str, *, now: datetime) -> None:
    """Count a pair that did not fit."""
    one_more(WRONG_PAIRS, address, now=now)


def first_use(proof: str, *, now: datetime) -> bool:
    """True the first time a proof is shown; it is good for one filing."""
    return one_more(PROOFS, proof, now=now) == 1


def forget(*, now: datetime) -> None:
    """Drop the counts of yesterday and before."""
    db.session.execute(delete(LimitCount).where(LimitCount.hour < _hour(now) - KEPT))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
