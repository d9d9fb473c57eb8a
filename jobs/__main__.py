"""`python -m jobs`: the scheduler process."""

from __future__ import annotations

import logging

from jobs.scheduler import serve
from portal import create_app

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    serve(create_app())
