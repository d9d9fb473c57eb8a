"""What each kind of filing shows on the progress page, one module a kind; which one, the number's first letters say."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from portal.domain.dialogue import Filing

PARTS = {"YY": "objection", "TS": "complaint", "SL": "application"}
"""First letters of a receipt's number to the module of its kind."""


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
