"""行政区划 of Hunan as far as it decides who handles a project (rule S3)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from portal.domain.errors import RuleViolation

DATA = Path(__file__).with_name("divisions.json")
WANGCHENG = "430112"


@cache
def table() -> dict[str, Any]:
    """The divisions file: province, divisions, retired codes, the New Area."""
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


@cache
def _levels() -> dict[str, str]:
    return {row["code"]: row["level"] for row in table()["divisions"]}


@cache
def area_codes() -> frozenset[str]:
    """Every code that a project number of Hunan may begin with, retired ones included."""
    return frozenset(_levels()) | frozenset(table()["retired"])


@cache
def places() -> tuple[tuple[str, str], ...]:
    """Code and name of every place a project may lie in: each prefecture itself, and its counties and cities."""
    rows = sorted(table()["divisions"], key=lambda row: str(row["code"]))
    above = {row["code"]: row["name"] for row in rows if row["level"] == "prefecture"}
    return tuple((row["code"], f"{above.get(row['parent'], row['name'])} {_within(row)}") for row in rows)


def _within(row: dict[str, Any]) -> str:
    return "本级" if row["level"] == "prefecture" else str(row["name"])


def current_code(area_code: str) -> str:
    """Today's code for a retired one (431121 祁阳县 is 431181 祁阳市 today); any other code as it is."""
    return str(table()["retired"].get(area_code, area_code))


def bureau_code(area_code: str, township: str = "") -> str:
    """Code of the bureau that handles projects there (rule S3).

    430104 belongs to the New Area; 430112 is divided between the New Area and 望城区, so it needs the township.
    Raises RuleViolation, naming the code, for anything that is not a county or city of Hunan today.
    """
    code = current_code(area_code.strip())
    new_area = table()["new_area"]
    if code in new_area["districts"]:
        return str(new_area["code"])
    level = _levels().get(code)
    if level == "county":
        if code != WANGCHENG:
            return code
        place = township.strip()
        if not place:
            raise RuleViolation(
                "望城区（430112）部分镇街由湘江新区管理，请填写项目所在的镇或街道", rule="S3", field="township"
            )
        return str(new_area["code"]) if _in_new_area(place) else code
    if level == "prefecture":
        return code
    zone = next((row for row in table().get("zones", []) if row["code"] == code), None)
    if zone is not None:
        raise RuleViolation(
            f"{code}是{zone['name']}的统计用代码，不是行政区划代码，请填写项目所在县市区的代码",
            rule="S3",
            field="area_code",
        )
    raise RuleViolation(
        f"区划代码“{area_code[:20]}”不是湖南省现行的市州或县市区代码，请核对项目编号前6位", rule="S3", field="area_code"
    )


def _in_new_area(place: str) -> bool:
    """白箬铺 and 白箬铺镇 are the same place to whoever fills in a form."""
    bare = place.removesuffix("街道").removesuffix("镇")
    return any(
        name.removesuffix("街道").removesuffix("镇") == bare for name in table()["new_area"]["townships_of_430112"]
    )
