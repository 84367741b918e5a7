# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements that are transactions of their own, on the request's own connection."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from psycopg2.extensions import (
    ISOLATION_LEVEL_READ_COMMITTED,
    TRANSACTION_STATUS_IDLE,
)

from odoo.sql_db import BaseCursor, Cursor


def end_transaction(cr: BaseCursor) -> None:
    """Commit what is open, if anything is: what comes next stands for itself."""
    if isinstance(cr, Cursor) and not _is_idle(cr):
        cr.commit()  # pylint: disable=invalid-commit


def _is_idle(cr: Cursor) -> bool:
    return cr._cnx.get_transaction_status() == TRANSACTION_STATUS_IDLE


@contextlib.contextmanager
def at_once(cr: BaseCursor) -> Iterator[None]:
    """Have each statement inside be a transaction, begun and committed with it.

    Odoo's transactions are REPEATABLE READ, where a counter somebody else has raised
    meanwhile cannot be raised, but fails with 40001; and it would stay locked until
    their end, while a caller takes his time to send a body. Here a statement runs as
    PostgreSQL would have it by default, READ COMMITTED: it waits for the other one,
    which is over in a moment, and counts on from there.

    Costs no round trip, rather saves two: psycopg2 keeps all of these settings on its
    own side as long as they are the defaults while ``autocommit`` changes, and then
    sends neither BEGIN nor COMMIT (``conn_set_session`` in its connection_type.c).

    Where a transaction is open already, the statements join it. So they do on the
    cursor of a test, where every request shares one.

    :param cr: not to be committed or rolled back inside.
    """
    if not isinstance(cr, Cursor) or not _is_idle(cr):
        yield
        return
    cnx = cr._cnx
    before = {"isolation_level": cnx.isolation_level, "readonly": cnx.readonly}
    cnx.set_session(isolation_level="default", readonly="default")
    cnx.autocommit = True
    try:
        yield
    finally:
        if not cnx.closed:
            cnx.autocommit = False
            cnx.set_session(**before)


@contextlib.contextmanager
def read_committed(cr: BaseCursor) -> Iterator[None]:
    """Have the statements inside be one transaction, READ COMMITTED, then commit it.

    For rows that others change as well: each statement sees what they have committed,
    and waits for what they have not, where Odoo's own transactions fail with 40001.

    Where a transaction is open already, and on the cursor of a test, they join it.
    """
    if not isinstance(cr, Cursor) or not _is_idle(cr):
        yield
        return
    cnx = cr._cnx
    before = cnx.isolation_level
    cnx.set_session(isolation_level=ISOLATION_LEVEL_READ_COMMITTED)
    try:
        yield
        cr.commit()  # pylint: disable=invalid-commit
    except BaseException:
        if not cnx.closed:
            cr.rollback()
        raise
    finally:
        if not cnx.closed:
            cnx.set_session(isolation_level=before)
