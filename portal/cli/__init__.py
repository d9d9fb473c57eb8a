"""DOOR 4: the command line, `portal …`; one file per group of commands."""

from __future__ import annotations

import sys

from flask import Flask
from flask.cli import FlaskGroup


def _create_app() -> Flask:
    from portal import create_app

    return create_app()


def main() -> None:
    """Entry point of the `portal` command. Commands that need no database do not start the application."""
    from portal.cli.calendar import calendar_group, window
    from portal.cli.demo import demo_group

    group = FlaskGroup(name="portal", create_app=_create_app, add_default_commands=False, add_version_option=False)
    group.add_command(window)
    group.add_command(calendar_group, "calendar")
    group.add_command(demo_group)
    try:
        group(standalone_mode=True)
    except BrokenPipeError:
        sys.exit(0)


