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
    province = _add(known, data["province"]["code"], data["province"]["name"], data["province"]["bureau"], Tier.PROVINCE, None)
    new_area = data["new_area"]
    for row in data["divisions"]:
        if row["level"] == "prefecture":
            _add(known, row["code"], row["name"], f"{row['name']}住房和城乡建设局", Tier.CITY, province)
    _add(known, new_area["code"], new_area["name"], new_area["bureau"], Tier.CITY, province)
    for row in data["divisions"]:
        if row["level"] == "county" and row["code"] not in new_area["districts"]:
            _add(known, row["code"], row["name"], f"{row['name']}住房和城乡建设局", Tier.COUNTY, known[row["parent"]])
    return len(known) - before


def _add(
    known: dict[str, Bureau], code: str, area: str, name: str, tier: Tier, parent: Bureau | None
) -> Bureau:
    if code in known:
        return known[code]
    bureau = Bureau(
        code=code, area_name=area, name=name, tier=tier, parent=parent, path=f"new/{code}", sort=len(known)
    )
    db.session.add(bureau)
    db.session.flush()
    bureau.path = f"{parent.path if parent else '/'}{bureau.id}/"
    known[code] = bureau
    return bureau
