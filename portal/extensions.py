"""The Flask extensions, and the two things about databases that everybody must do alike: start a write, and store a
time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from flask import Flask, g, has_app_context
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, Select, Table, TypeDecorator, event
from sqlalchemy import Row as SqlRow
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.interfaces import ORMOption


class Base(DeclarativeBase):
    """All tables; constraints carry names, so that a migration can find them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Row = TypeVar("Row")
Columns = TypeVarTuple("Columns")
SECONDS_TO_REST = 2


class Session(FlaskSession):
    """The session of a request; where a page only reads, it asks by the connection of `reading` as all else does."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """The connection of `reading` if this request has one, else the engine."""
        return reading() if _only_reads() else super().get_bind(*args, **kwargs)


db = SQLAlchemy(model_class=Base, session_options={"class_": Session})

if TYPE_CHECKING:

    class Model(Base):
        """The parent of every table; at run time the one that names tables after their classes."""

        __abstract__ = True
else:
    Model = db.Model
login_manager = LoginManager()
htmx = Htmx()
csrf = CSRFProtect()


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python on both databases. A naive one is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def begin_write() -> None:
    """Start the transaction that will change something; the caller commits it.

    Ends any read transaction first. On SQLite this is BEGIN IMMEDIATE: a read that turns into a write later either
    fails at once or, worse, overwrites what it did not see. PostgreSQL locks rows instead (`models.locked`).
    """
    if _only_reads():
        raise RuntimeError("this page said that it only reads")
    db.session.rollback()
    db.session.connection(execution_options={"write": True})


def only_read() -> None:
    """Say, before the first question, that nothing will be changed: on PostgreSQL each question then stands alone.

    A page sees what is committed when it asks, as it does anyway there, and two of five round trips are saved.
    """
    if not db.session.registry.has():
        g.reader = None


def reading() -> Connection:
    """The connection by which to ask for columns: the session's, or where the page said `only_read` one without a
    session, which takes half the time. What waits in the session is not written first.
    """
    if not _only_reads():
        return db.session.connection()
    if g.reader is None:
        engine = db.engine
        connection = engine.connect()
        if engine.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        g.reader = connection
    reader: Connection = g.reader
    return reader


def _only_reads() -> bool:
    return has_app_context() and "reader" in g


def init_app(app: Flask) -> None:
    """Bind `db` to the application, and give back the connection of `reading` after each request."""

    @app.teardown_appcontext
    def _give_back(_error: BaseException | None) -> None:
        if g.get("reader") is not None:  # the session, which may have asked by it, is gone by now
            g.reader.close()

    db.init_app(app)


def lock(model: type[Row], row_id: int, *options: ORMOption) -> Row:
    """The row as it is now, held until commit: nobody else decides about it meanwhile.

    PostgreSQL locks the row; on SQLite `begin_write` already holds the whole database, and without it this raises
    RuntimeError.
    options: what to load in the same question. Rows that come with it are as old as the question, which may have
    waited for the lock; so only what never changes, or columns of the row itself.
    """
    _must_hold()
    row = db.session.get(model, row_id, options=options, with_for_update={"of": model}, populate_existing=True)
    if row is None:
        raise LookupError(f"{model.__name__} {row_id} is gone")
    return row


def lock_columns(query: Select[*Columns], **values: Any) -> SqlRow[*Columns] | None:
    """The first row of a query that says what it locks `with_for_update(of=...)`, or None: for the few verbs that run
    hundreds of times a second, where whole objects cost more than the database does.
    """
    _must_hold()
    return db.session.execute(query, values).first()


def insert(model: type[Model], **values: Any) -> int:
    """Write one row at once, past the session and its bookkeeping. Returns its id."""
    result = db.session.connection().execute(table(model).insert(), values)
    key = result.inserted_primary_key
    assert key is not None
    row_id: int = key[0]
    return row_id


def table(model: type[Model]) -> Table:
    """The table of a model, for statements that pass the session by."""
    found = model.__table__
    assert isinstance(found, Table)
    return found


def _must_hold() -> None:
    connection = db.session.connection()
    if connection.dialect.name == "sqlite" and not connection.get_execution_options().get("write"):
        raise RuntimeError("a decision needs begin_write() first")


def prepare_engine(engine: Engine, *, strict: bool = False) -> None:
    """Give an engine the settings its database needs to be durable and safe for several processes.

    strict (tests): refuse a change outside a transaction that `begin_write` began.
    """
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, strict=strict)
    else:
        _prepare_postgresql(engine)


def _prepare_postgresql(engine: Engine) -> None:
    """Try a connection that has rested before it is used: the server may have been restarted meanwhile."""

    @event.listens_for(engine, "checkin")
    def _rests(_dbapi: Any, record: Any) -> None:
        record.info["rests_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(dbapi: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("rests_since", monotonic()) < SECONDS_TO_REST:
            return
        try:
            engine.dialect.do_ping(dbapi)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError from gone  # the pool then opens a new one


def _prepare_sqlite(engine: Engine, *, strict: bool) -> None:
    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves: the driver's own way loses updates
        for pragma in ("busy_timeout=15000", "journal_mode=wal", "synchronous=full", "foreign_keys=on"):
            dbapi.execute("pragma " + pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("write"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.connection.dbapi_connection.execute("BEGIN")  # every page does: the short way

    if strict:

        @event.listens_for(engine, "before_cursor_execute")
        def _only_after_begin_write(
            connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
        ) -> None:
            verb = statement.lstrip()[:6].upper()
            if verb in ("INSERT", "UPDATE", "DELETE") and not connection.get_execution_options().get("write"):
                raise RuntimeError(f"begin_write() comes before: {statement[:60]}")
