"""频次限制: how much one address may do before it must prove that it means it. Published, and never a closed door.

Nothing is refused for being frequent: above a limit a filing, or beginning one, costs a little computing, or a short
wait, and so does a look-up once number and code did not fit too often (rule O4). Counts lie in the database, so that
all processes count together; whose they are, only a keyed hash tells, and only for a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text

from portal.clock import beijing_date
from portal.domain import policy
from portal.domain.errors import RuleViolation
from portal.extensions import UtcDateTime, db
from portal.models.limit_count import LimitCount

FILINGS, BEGUN, WRONG_PAIRS, MESSAGES, PROOFS = "filings", "begun", "wrong_pairs", "messages", "proofs"
KEPT = timedelta(days=1)
_ONE_MORE = text(
    "INSERT INTO limit_count (what, key, hour, times) VALUES (:what, :key, :hour, 1) "
    "ON CONFLICT (what, key, hour) DO UPDATE SET times = limit_count.times + 1 RETURNING times"
).bindparams(bindparam("hour", type_=UtcDateTime()))


class TooMany(RuleViolation):
    """Done too often: the same in the next hour."""

    status = 429


def seconds_to_next_hour(now: datetime) -> int:
    """How long until counting begins anew."""
    return int((_hour(now) + timedelta(hours=1) - now).total_seconds()) + 1


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


def begun_excess(address: str, *, now: datetime) -> int:
    """How many times over a limit beginning another filing from `address` would be: 0 means nothing is asked."""
    (begun,) = so_far(BEGUN, address, now=now)
    most: int = policy.value("limits.begun_per_address", beijing_date(now))
    return begun // most


def note_begun(address: str, *, now: datetime) -> None:
    """Count the beginning of a filing for its address, in the transaction that stores its ticket."""
    one_more(BEGUN, address, now=now)


def wrong_excess(address: str, number: str, *, now: datetime) -> int:
    """How many times over a limit another try of a number and a code would be: 0 means nothing is asked (rule O4).

    Counted are pairs that did not fit, of this address and of this number, whether or not there is such a number.
    """
    by_address, by_number = so_far(WRONG_PAIRS, address, number, now=now)
    per_address, per_number = policy.values(beijing_date(now), "limits.wrong_pairs", "limits.wrong_pairs_per_number")
    return max(by_address // per_address, by_number // per_number)


def wrong_pair(address: str, number: str, *, now: datetime) -> None:
    """Count a pair that did not fit, for its address and for its number."""
    one_more(WRONG_PAIRS, address, now=now)
    one_more(WRONG_PAIRS, number, now=now)


def note_message(number: str, *, now: datetime) -> None:
    """Count a message of the filer with this number. Raises TooMany above the limit of an hour (rule O4)."""
    most = policy.value("limits.messages_per_filing", beijing_date(now))
    if one_more(MESSAGES, number, now=now) > most:
        raise TooMany(
            f"一小时内最多留言{most}条，请{60 - now.minute}分钟后再送出；写好的内容还在", rule="O4", field="text"
        )


def first_use(proof: str, *, made_at: datetime) -> bool:
    """True the first time a proof is shown; it is good for one filing or one look-up. made_at: when it was given out,
    so that the turn of an hour does not make it good again.
    """
    return one_more(PROOFS, proof, now=made_at) == 1


def used(proof: str, made_at: datetime) -> bool:
    """True if a proof was shown before."""
    return so_far(PROOFS, proof, now=made_at) != [0]


def forget(*, now: datetime) -> None:
    """Drop the counts of yesterday and before."""
    db.session.execute(delete(LimitCount).where(LimitCount.hour < _hour(now) - KEPT))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
