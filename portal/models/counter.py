"""Running numbers such as the notices of one bureau in one year."""

from __future__ import annotations

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model, db


class Counter(Model):
    """The last number given out under a name."""

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


_NEXT = text(
    "INSERT INTO counter (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
)


def next_number(name: str) -> int:
    """Take the next number under `name`; a rolled back transaction gives it back."""
    return int(db.session.execute(_NEXT, {"name": name}).scalar_one())
