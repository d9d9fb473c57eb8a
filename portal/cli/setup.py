"""`portal prepare`, `portal serve`, `portal accounts create`, `portal policy set`: what an installation needs
besides the pages.
"""

from __future__ import annotations

import json
import os
from datetime import date

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import clock
from portal.cli.demo import server_command
from portal.domain import accounts, bureaus, calendar_orders, policy
from portal.domain.actor import SYSTEM, Actor
from portal.domain.errors import RuleViolation
from portal.extensions import begin_write, db
from portal.models.account import Account
from portal.models.bureau import Bureau
from portal.models.words import Role


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Bring the database up to date: tables, bureaus, working-day calendar. Safe to run again."""
    from flask_migrate import upgrade

    upgrade()
    begin_write()
    added = bureaus.seed()
    years = calendar_orders.load_package_years(actor=SYSTEM, now=clock.now())
    db.session.commit()
    click.echo(f"数据库已就绪：新增单位{added}个，新载入日历{len(years)}年")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True)
def serve(host: str, port: int, workers: int) -> None:
    """Serve the portal; the scheduler is another process: python -m jobs."""
    command = server_command(host, port, workers=workers)
    os.execv(command[0], command)


@click.group("accounts")
def accounts_group() -> None:
    """Staff accounts."""


@accounts_group.command("create")
@click.argument("username")
@click.option("--bureau", "bureau_code", required=True, help="Area code of the bureau, such as 430181.")
@click.option("--name", required=True, help="Name shown to colleagues.")
@click.option("--department", default="")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.password_option()
@with_appcontext
def create_account(
    username: str, bureau_code: str, name: str, department: str, roles: tuple[str, ...], password: str
) -> None:
    """Open an account; the first ones of an installation are opened this way."""
    begin_write()
    bureau = db.session.scalar(select(Bureau).where(Bureau.code == bureau_code))
    if bureau is None:
        raise click.UsageError(f"没有代码为“{bureau_code}”的单位；请先运行 portal prepare")
    if db.session.scalar(select(Account.id).where(Account.username == username)):
        raise click.UsageError(f"账号“{username}”已存在")
    try:
        accounts.create(
            username,
            name,
            bureau,
            [Role(role) for role in roles],
            password,
            department=department,
            actor=SYSTEM,
            now=clock.now(),
        )
    except RuleViolation as refusal:
        raise click.UsageError(refusal.message) from refusal
    db.session.commit()
    click.echo(f"已开通账号 {username}（{bureau.name}）")


@click.group("policy")
def policy_group() -> None:
    """Dated settings."""


@policy_group.command("show")
@with_appcontext
def show_policy() -> None:
    """The settings in force today."""
    for key, setting in policy.SETTINGS.items():
        click.echo(
            f"{key} = {policy.value(key, clock.today())}    [{setting.rule}] {policy.clause(key, clock.today())}"
        )


@policy_group.command("set")
@click.argument("key")
@click.argument("value")
@click.option("--from", "valid_from", required=True, help="First day it is in force, YYYY-MM-DD.")
@click.option("--clause", required=True, help="What it rests on.")
@with_appcontext
def set_policy(key: str, value: str, valid_from: str, clause: str) -> None:
    """Give a setting another value from a day on; two deciders of the province sign with their passwords."""
    entered_by, confirmed_by = _sign("第一人"), _sign("第二人")
    begin_write()
    try:
        policy.enact(
            key,
            json.loads(value) if value.lstrip("-").isdigit() else value,
            date.fromisoformat(valid_from),
            clause,
            entered_by=entered_by,
            confirmed_by=confirmed_by,
            now=clock.now(),
        )
    except ValueError as error:
        raise click.UsageError(f"日期“{valid_from}”应写成2026-01-31的形式") from error
    except RuleViolation as refusal:
        raise click.UsageError(refusal.message) from refusal
    db.session.commit()
    click.echo(f"{key} 自{valid_from}起为 {value}")


def _sign(who: str) -> Actor:
    username = click.prompt(f"{who}的账号")
    account_id, fits = accounts.password_fits(username, click.prompt("密码", hide_input=True))
    account = db.session.get(Account, account_id) if account_id and fits else None
    if account is None or not account.active:
        raise click.UsageError("账号或密码有误")
    return accounts.actor_of(account)
