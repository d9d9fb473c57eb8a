"""DOOR 4: the command line, `portal …`; one file per group of commands."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from flask import Flask

# command: where it lives. Only the one that was asked for is imported, so that each starts as fast as it can.
COMMANDS = {
    "window": "portal.cli.calendar:window",
    "calendar": "portal.cli.calendar:calendar_group",
    "demo": "portal.cli.demo:demo_group",
    "prepare": "portal.cli.setup:prepare",
    "serve": "portal.cli.setup:serve",
    "accounts": "portal.cli.setup:accounts_group",
    "policy": "portal.cli.setup:policy_group",
    "notices": "portal.cli.notices:notices_group",
    "rules": "portal.cli.rules:rules_command",
}


def main() -> None:
    """Entry point of the `portal` command."""
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    if asked == "window":  # pure calendar arithmetic: no application, no database needed
        _load("window")(prog_name="portal window", args=sys.argv[sys.argv.index("window") + 1 :])
        return
    from flask.cli import FlaskGroup

    group = FlaskGroup(name="portal", create_app=_create_app, add_default_commands=False, add_version_option=False)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        group.add_command(_load(name), name)
    group()


def _create_app() -> Flask:
    from portal import create_app

    return create_app()


def _load(name: str) -> click.Command:
    module, _, attribute = COMMANDS[name].partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command
