"""What happened to a thing, as staff read it: in full, with the names of those who acted (rules V6, T7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.domain import trail
from portal.extensions import db
from portal.models.account import Account
from portal.models.trail_entry import TrailEntry

OTHERS = {"public": "公众"}
Line = tuple[TrailEntry, dict[str, Any]]


def with_names(entries: Sequence[TrailEntry]) -> list[Line]:
    """Each entry with what it says, the officer's name in place of his account."""
    names = _names({entry.actor for entry in entries})
    lines = []
    for entry in entries:
        facts = trail.facts(entry)
        who = str(facts["actor"])
        shown = "系统" if who.startswith("system:") else OTHERS.get(who, who)
        lines.append((entry, facts | {"actor": names.get(who, shown)}))
    return lines


def _names(actors: set[str]) -> dict[str, str]:
    usernames = sorted(actor.removeprefix("staff:") for actor in actors if actor.startswith("staff:"))
    query = select(Account.username, Account.display_name).where(Account.username.in_(usernames))
    return {f"staff:{row.username}": row.display_name for row in db.session.execute(query)} if usernames else {}
