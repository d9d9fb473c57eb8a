"""`portal demo …`: the demonstration that `make run` starts."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import FrameType

import click

from portal.config import ROOT

STATE = Path(os.environ.get("PORTAL_STATE", str(ROOT / "instance" / "demo")))


@click.group("demo")
def demo_group() -> None:
    """The demonstration."""


@demo_group.command("run")
@click.option("--port", default=8000, show_default=True)
@click.option("--fresh", is_flag=True, help="Begin anew with an empty database.")
def run(port: int, fresh: bool) -> None:
    """Set up the demo if need be, then serve it until Ctrl-C."""
    _environment()
    if fresh:
        _forget()
    click.echo("准备演示数据库…")
    load()
    _serve(port)


@demo_group.command("load")
def load_command() -> None:
    """Set up the demo's database and data, once."""
    _environment()
    load()


def load() -> None:
    """Migrate, then fill the database if it holds nothing. Safe to run again; a half-filled one is begun anew, and
    so is one made under other migrations than today's.
    """
    from flask_migrate import upgrade

    from portal import clock, create_app
    from portal.demo import scenario
    from portal.domain import bureaus, calendar_orders
    from portal.domain.actor import SYSTEM
    from portal.extensions import begin_write, db

    done, schema = STATE / "loaded", _schema()
    loaded = done.exists() and done.read_text() == schema
    if not loaded:
        _forget()
    app = create_app()
    with app.app_context():
        upgrade()
        if loaded:
            return
        clock.start_demo_at(scenario.START)
        begin_write()
        bureaus.seed()
        calendar_orders.load_package_years(actor=SYSTEM, now=scenario.START)
        db.session.commit()
        receipts = scenario.load(progress=lambda text: click.echo(f"{text}…"))
        (STATE / "receipts.json").write_text(json.dumps(receipts, ensure_ascii=False))
        db.engine.dispose()
    done.write_text(schema)


def _environment() -> None:
    """The demo's own secrets, database and files, beside each other in one folder that may be deleted at any time."""
    STATE.mkdir(parents=True, exist_ok=True)
    kept = STATE / "secrets.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}
    fresh = {name: secrets.token_urlsafe(48) for name in ("key", "vault", "receipts") if name not in found}
    if fresh:
        found |= fresh
        kept.write_text(json.dumps(found))
        kept.chmod(0o600)
    os.environ.update(
        PORTAL_DEMO="1",
        PORTAL_STATE=str(STATE),
        PORTAL_SECRET_KEY=found["key"],
        PORTAL_VAULT_KEY=found["vault"],
        PORTAL_RECEIPT_KEY=found["receipts"],
    )
    os.environ.pop("DATABASE_URL", None)


def _schema() -> str:
    """Fingerprint of the migrations: until the first release they are rewritten, not added to (decision 0011)."""
    from portal.config import ROOT

    texts = (path.read_bytes() for path in sorted((ROOT / "portal" / "migrations" / "versions").glob("*.py")))
    return hashlib.sha256(b"".join(texts)).hexdigest()


def _forget() -> None:
    for name in (
        "portal.sqlite",
        "portal.sqlite-wal",
        "portal.sqlite-shm",
        "demo-clock.json",
        "receipts.json",
        "loaded",
    ):
        (STATE / name).unlink(missing_ok=True)


def _serve(port: int) -> None:
    """Web server and scheduler until one of them ends or Ctrl-C ends both."""
    if _answers(port):
        raise SystemExit(
            f"端口 {port} 已被占用；请用 portal demo run --port 8001 换一个 / port {port} is in use, choose another"
        )
    ended = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, end)
    # each in a session of its own: the server hangs if Ctrl-C reaches its workers as well as its main process
    start = partial(subprocess.Popen, cwd=ROOT, start_new_session=True)
    processes = [start(server_command("127.0.0.1", port, workers=2))]
    try:
        while not ended and all(process.poll() is None for process in processes):
            if len(processes) == 1 and _answers(port):  # the scheduler looks at its pages at once (rule N7)
                site = os.environ.get("PORTAL_SITE_URL") or f"http://127.0.0.1:{port}"
                processes.append(start([sys.executable, "-m", "jobs"], env={**os.environ, "PORTAL_SITE_URL": site}))
                _introduce(port)
            time.sleep(0.2)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
    if not ended:
        raise SystemExit("演示的一部分自行结束了，原因见上 / a part of the demo ended by itself; see above")


def _answers(port: int) -> bool:
    """True if something listens on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def server_command(host: str, port: int, *, workers: int) -> list[str]:
    """The command that serves the application, here and in production."""
    return [
        str(Path(sys.executable).with_name("granian")),
        "--interface", "wsgi",
        "--host", host,
        "--port", str(port),
        "--workers", str(workers),
        "--blocking-threads", "4",
        "--log-level", "warning",
        "--no-ws",
        "--factory",
        "portal:create_app",
    ]  # fmt: skip


def _introduce(port: int) -> None:
    from portal.demo import staff

    click.echo(f"\n  演示已启动 / The demo is running:  http://127.0.0.1:{port}/\n")
    click.echo(f"  后台 / Back office: http://127.0.0.1:{port}/office/    密码 / password: {staff.PASSWORD}")
    for username, _code, department, roles in staff.SIGN_INS:
        click.echo(f"    {username:<18} {department}　{'、'.join(role.label for role in roles)}")
    click.echo(f"\n  进度查询 / Progress by receipt: http://127.0.0.1:{port}/progress")
    for what, (number, code) in json.loads((STATE / "receipts.json").read_text()).items():
        click.echo(f"    {number}  {code}  {what}")
    click.echo("\n  Ctrl-C 结束 / Ctrl-C stops everything.\n")
