"""申请 on the progress page."""

from __future__ import annotations

from typing import Any

from portal.domain.dialogue import Filing
from portal.models.application import Application

NAME = "申请"
TEMPLATE = "public/progress/_application.html"


def find(number: str) -> tuple[Filing, str] | None:
    """The application with this receipt number: none are filed online yet."""
    return None


def context(filing: Application) -> dict[str, Any]:
    """How far the application is."""
    return {"badge": (filing.status.label, "blue")}
