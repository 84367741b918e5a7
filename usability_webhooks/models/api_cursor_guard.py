# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

from odoo import models

from ..exceptions import ApiError


class ApiCursorGuard(models.AbstractModel):
    """Keeps business code from making the logs say too little or too much."""

    _name = "api.cursor.guard"
    _description = "API Cursor Guard"

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Have the cursor neither commit inside nor tell values to the server's log.

        :raises ApiError: ``method_denied``, on an attempt to commit.
        """
        cr = self.env.cr
        # Half a request, committed behind the back of its log row.
        cr.commit = self._refuse_commit
        # Core logs a failing statement whole, what callers sent included, also where
        # a constraint says no to them (odoo/sql_db.py, ``Cursor.execute``). What went
        # wrong is told all the same: to the caller, on the row, and for a bug with
        # its traceback in the server's log.
        cr.execute = functools.partial(cr.execute, log_exceptions=False)
        try:
            yield
        finally:
            del cr.commit, cr.execute

    def _refuse_commit(self) -> None:
        message = self.env._(
            "This method commits by itself, and could end half"
            " done, so it cannot be called here."
        )
        raise ApiError("method_denied", message, path="payload.method")
