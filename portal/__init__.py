"""The portal: bureaus publish, question and settle changes to construction-project records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings, by default those of the environment."""
    # imported here, so that a command that needs no web (`portal window`) starts at once
    from flask import Flask
    from flask_migrate import Migrate

    from portal import backoffice, clock, extensions, public, web
    from portal.config import ROOT, Settings
    from portal.domain import accounts, identity_vault, signed_receipts
    from portal.extensions import csrf, db, htmx, login_manager, prepare_engine
    from portal.web.light import FlatEnvironment, Sessions, as_it_is

    settings = settings or Settings.from_environment()
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.jinja_environment, app.session_interface = FlatEnvironment, Sessions()
    app.ensure_sync = as_it_is  # type: ignore[assignment, method-assign]
    app.config.from_mapping(settings.as_flask())
    clock.use_demo_file(settings.demo_clock_file)
    identity_vault.use_key(settings.vault_key)
    signed_receipts.use_keys(settings.receipt_key, settings.receipt_key_name, settings.retired_receipt_keys)
    accounts.hash_cheaply(settings.cheap_passwords)

    extensions.init_app(app)
    Migrate(app, db, directory=str(ROOT / "portal" / "migrations"))
    login_manager.init_app(app, add_context_processor=False)  # no page asks who is signed in but through navigation
    htmx.init_app(app)
    csrf.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, strict=settings.testing)

    web.init_app(app)
    public.init_app(app)
    backoffice.init_app(app)
    return app
