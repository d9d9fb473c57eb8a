"""What each kind of filing shows on the progress page, one module a kind; which one, the number's first letters say."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from sqlalchemy import select

from portal.domain.dialogue import Filing
from portal.extensions import db
from portal.models.application import ApplicationReceipt
from portal.models.complaint import Complaint
from portal.models.objection import Objection

PARTS = {"YY": "objection", "TS": "complaint", "SL": "application"}
"""First letters of a receipt's number to the module of its kind."""
CODES: dict[str, type[Objection | Complaint | ApplicationReceipt]] = {
    "YY": Objection,
    "TS": Complaint,
    "SL": ApplicationReceipt,
}
NO_CODE = "0" * 64


class Part(Protocol):
    """What a module here offers."""

    NAME: str
    """What the page calls the filing: 异议, 投诉举报, 申请."""
    TEMPLATE: str
    """Included in the page; sees `filing`, `number`, `code`, `forms` and what `context` returns."""

    def find(self, number: str) -> tuple[Filing, str] | None:
        """The filing with this receipt number and the stored hash of its code."""

    def context(self, filing: Any) -> dict[str, Any]:
        """What the template needs. `badge`: words and tone beside the heading; `forms`: the acts offered, by KEY."""


def part_of(number: str) -> Part | None:
    """The module for a receipt number, loaded when it is first asked for: it may lean on the page it is part of."""
    name = PARTS.get(number[:2])
    return cast(Part, import_module(f"{__name__}.{name}")) if name else None


def stored_code(number: str) -> str:
    """What is kept of the code of this number; where there is no such number, something no code fits.

    One question either way, before anything of the filing is read: a wrong pair costs the same, whatever is wrong
    with it (rule O4).
    """
    kind = CODES.get(number[:2], Objection)
    return db.session.scalar(select(kind.code_hash).where(kind.number == number)) or NO_CODE
