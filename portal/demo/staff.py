"""Who works in the demo: one county fully staffed, its city, the province, and one pair of hands in each other
bureau.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.domain import accounts
from portal.domain.actor import SYSTEM, Actor
from portal.extensions import begin_write, db
from portal.models.account import Account
from portal.models.bureau import Bureau
from portal.models.words import Role

PASSWORD = "demo-gongshi-2026"
COUNTY, CITY, PROVINCE = "430522", "430500", "430000"

# user name, bureau, department, duties: what the start of the demo prints
SIGN_INS = (
    ("xinshao.shoujian", COUNTY, "政务服务股", (Role.CLERK,)),
    ("xinshao.heshi", COUNTY, "质量安全监督站", (Role.VERIFIER,)),
    ("xinshao.gongshi", COUNTY, "建筑管理股", (Role.PUBLISHER,)),
    ("xinshao.shenhe", COUNTY, "局领导", (Role.DECIDER,)),
    ("xinshao.tousu", COUNTY, "办公室（信访）", (Role.COMPLAINT_HANDLER,)),
    ("shaoyang.jiandu", CITY, "建筑管理科", (Role.CLERK, Role.INSPECTOR)),
    ("shaoyang.shenhe", CITY, "局领导", (Role.DECIDER,)),
    ("shaoyang.tousu", CITY, "信访科", (Role.COMPLAINT_HANDLER,)),
    ("hunan.daoru", PROVINCE, "数字城建档案中心", (Role.CLERK,)),
    ("hunan.rili", PROVINCE, "政策法规处", (Role.CALENDAR_OWNER,)),
    ("hunan.rili2", PROVINCE, "政策法规处", (Role.CALENDAR_OWNER,)),
    ("hunan.jijian", PROVINCE, "驻厅纪检监察组", (Role.DISCIPLINE_OFFICER,)),
    ("hunan.shenhe", PROVINCE, "建筑管理处", (Role.DECIDER,)),
    ("hunan.shenhe2", PROVINCE, "建筑管理处", (Role.DECIDER,)),
)


def open_accounts(now: datetime) -> None:
    """Open the accounts a newcomer signs in with."""
    for username, code, department, roles in SIGN_INS:
        _open(username, code, department, roles, now)


def at(code: str, *, now: datetime) -> Actor:
    """Somebody who receives, verifies and publishes in the bureau with this code, and decides nothing."""
    username = f"demo.{code.lower()}"
    known = db.session.scalar(select(Account).where(Account.username == username))
    roles = (Role.CLERK, Role.VERIFIER, Role.PUBLISHER)
    return accounts.actor_of(known or _open(username, code, "建筑管理科", roles, now))


def named(username: str) -> Actor:
    """One of the officers of SIGN_INS as the one who acts."""
    return accounts.actor_of(db.session.scalars(select(Account).where(Account.username == username)).one())


def _open(username: str, code: str, department: str, roles: tuple[Role, ...], now: datetime) -> Account:
    begin_write()
    bureau = db.session.scalars(select(Bureau).where(Bureau.code == code)).one()
    name = "、".join(role.label for role in roles) if len(roles) == 1 else "综合岗"
    account = accounts.create(
        username, f"{bureau.area_name}{name}", bureau, roles, PASSWORD, department=department, actor=SYSTEM, now=now
    )
    db.session.commit()
    return account
