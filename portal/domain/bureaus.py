"""Setting up the bureaus: the province, the 15 first-level ones, and every county's (rule S3)."""

from __future__ import annotations

from portal.domain import divisions
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.words import Tier


def seed() -> int:
    """Add the bureaus that are missing; returns how many were. 岳麓区 has none of its own: the New Area handles it."""
    data = divisions.table()
    known = {bureau.code: bureau for bureau in db.session.scalars(db.select(Bureau))}
    before = len(known)
    province, new_area = data["province"], data["new_area"]
    prefectures = [row for row in data["divisions"] if row["level"] == "prefecture"]
    counties = [
        row for row in data["divisions"] if row["level"] == "county" and row["code"] not in new_area["districts"]
    ]
    _add(known, Tier.PROVINCE, None, [(province["code"], province["name"], province["bureau"])])
    cities = [_named(row) for row in prefectures] + [(new_area["code"], new_area["name"], new_area["bureau"])]
    _add(known, Tier.CITY, known[province["code"]], cities)
    for row in prefectures:
        own = [_named(county) for county in counties if county["parent"] == row["code"]]
        _add(known, Tier.COUNTY, known[row["code"]], own)
    return len(known) - before


def _named(row: dict[str, str]) -> tuple[str, str, str]:
    return row["code"], row["name"], f"{row['name']}住房和城乡建设局"


def _add(known: dict[str, Bureau], tier: Tier, parent: Bureau | None, rows: list[tuple[str, str, str]]) -> None:
    """Add those of `rows` (code, area, name) that are missing. A path needs the id, so they are stored before they
    get it.
    """
    fresh = [
        Bureau(code=code, area_name=area, name=name, tier=tier, parent=parent, path=f"new/{code}", sort=len(known) + at)
        for at, (code, area, name) in enumerate(row for row in rows if row[0] not in known)
    ]
    db.session.add_all(fresh)
    db.session.flush()
    for bureau in fresh:
        bureau.path = f"{parent.path if parent else '/'}{bureau.id}/"
        known[bureau.code] = bureau
    db.session.flush()
