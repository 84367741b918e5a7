# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import re

from odoo import models
from odoo.tools import SQL

from ..tools.copy_stream import QUOTE, CopyStream

#: Has the transaction's commit not wait for the disk.
LAZILY = SQL("set_config('synchronous_commit', 'off', true)")
#: Has it wait, also where the database is set up not to: an answer follows, and
#: what was answered is on the log, a crash of PostgreSQL or not. A level stricter
#: than ``on`` (a standby's) stays.
DURABLY = SQL(
    "set_config('synchronous_commit', replace("
    "current_setting('synchronous_commit'), 'off', 'on'), true)"
)
#: What of a row quotes what was said; the rest is metadata.
CONTENT_COLUMNS = (
    *("data_preview", "result_preview", "error_message", "traceback"),
    "answer",
)
#: Characters from which a text goes to PostgreSQL by COPY. As a value of a statement it
#: is in memory six times: as bytes, quoted, in the statement, in libpq's buffer, which
#: is never given back.
COPIED_CHARACTERS = 2**18
_SURROGATE = re.compile("[\ud800-\udfff]")


def get_storable(value: object) -> object:
    """Return ``value``, its text without what PostgreSQL cannot hold.

    A row quotes what callers sent, and a NUL or half a surrogate pair in a name
    must spoil neither the row nor the answer.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    # Looked at first: a copy of 10 MiB is not made for nothing.
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode(errors="replace").decode()


class ApiLogRow(models.AbstractModel):
    """Writes rows of ``api.log``, in SQL, whatever they say.

    SQL because the row's last change must be the business transaction's last
    statement, guarded by the state it leaves (``UPDATE ... WHERE state =
    'received'``), and because nobody may write a log row through the ORM.
    """

    _name = "api.log.row"
    _description = "API Log Row"

    def _get_preview(self, text: str | None) -> str | None:
        """Return a text cut to what a row holds; the same object if it fits."""
        if text is None:
            return None
        limit = self.env["api.settings"]._get("webhook.preview_limit")
        return f"{text[:limit]} ..." if len(text) > limit else text

    def _insert(self, vals: dict, data: str | None, also: SQL | None = None) -> int:
        """Insert a row and, where it is longer than the preview, its payload.

        :param data: the request as it is kept; None where it is not.
        :param also: evaluated by the same statement.
        """
        preview = self._get_preview(data)
        vals = {
            "data_size": len(data or ""),
            "content_gone": "skipped" if data is None else None,
        } | vals
        vals["data_preview"] = preview
        names = SQL(", ").join(SQL.identifier(name) for name in vals)
        values = SQL(", ").join(SQL("%s", value) for value in vals.values())
        also = also or SQL("NULL")
        query = SQL("INSERT INTO api_log (%s) VALUES (%s) RETURNING id", names, values)
        if preview is not data and self._is_copied(data):
            log_id = self._execute(SQL("%s, %s", query, also))[0][0]
            self._copy(log_id, "data", data)
            return log_id
        if preview is not data:
            query = SQL(
                "WITH log AS (%s) INSERT INTO api_log_payload (log_id, data)"
                " SELECT id, %s FROM log RETURNING log_id",
                query,
                data,
            )
        return self._execute(SQL("%s, %s", query, also))[0][0]

    def _flip(
        self, log_id: int, vals: dict, text: str | None, data: str | None = None
    ) -> bool:
        """Change a row that is ``received`` still, and store a long answer.

        :param text: the answer as it is kept; None where it is not.
        :param data: the request, where the row does not have it yet.
        :returns: False when the row was no longer ``received``.
        """
        preview, data_preview = self._get_preview(text), self._get_preview(data)
        vals = {"result_size": len(text or "")} | vals | {"result_preview": preview}
        if data is not None:
            vals |= {"data_preview": data_preview, "content_gone": None}
        changes = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in vals.items()
        )
        query = SQL(
            "UPDATE api_log SET %s WHERE id = %s AND state = 'received' RETURNING id",
            changes,
            log_id,
        )
        is_long = preview is not text and data is None and self._is_copied(text)
        if is_long and not self._has_payload(log_id):
            if is_flipped := bool(self._execute(SQL("%s, %s", query, DURABLY))):
                self._copy(log_id, "result", text)
            return is_flipped
        if preview is not text or data_preview is not data:
            query = SQL(
                "WITH log AS (%s) INSERT INTO api_log_payload (log_id, data, result)"
                " SELECT id, %s, %s FROM log ON CONFLICT (log_id)"
                " DO UPDATE SET result = EXCLUDED.result RETURNING log_id",
                query,
                None if data_preview is data else data,
                None if preview is text else text,
            )
        return bool(self._execute(SQL("%s, %s", query, DURABLY)))

    def _has_payload(self, log_id: int) -> bool:
        query = SQL("SELECT 1 FROM api_log_payload WHERE log_id = %s", log_id)
        return bool(self._execute(query))

    def _is_copied(self, text: str) -> bool:
        return len(text) >= COPIED_CHARACTERS and QUOTE not in text

    def _copy(self, log_id: int, column: str, text: str) -> None:
        """Store a long text as the payload of a row that has none yet."""
        query = SQL(
            "COPY api_log_payload (log_id, %s) FROM STDIN"
            " WITH (FORMAT csv, QUOTE %s, ENCODING 'UTF8')",
            SQL.identifier(column),
            SQL(f"'{QUOTE}'"),
        )
        self.env.cr.copy_expert(query.code, CopyStream(log_id, get_storable(text)))

    def _drop(self, log_id: int) -> bool:
        """Delete a row that is ``received`` still; see ``_flip``."""
        query = SQL(
            "DELETE FROM api_log WHERE id = %s AND state = 'received' RETURNING id",
            log_id,
        )
        return bool(self._execute(SQL("%s, %s", query, DURABLY)))

    def _execute(self, query: SQL) -> list[tuple]:
        query = SQL(query.code, *map(get_storable, query.params))
        # Core logs a failing statement with its values; these carry payloads.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchall()

    def _get_id(self, request_id: str) -> int:
        """Return the newest row of a request id."""
        query = SQL("SELECT max(id) FROM api_log WHERE request_id = %s", request_id)
        return self._execute(query)[0][0]

    def _get_state(self, log_id: int) -> str | None:
        rows = self._execute(SQL("SELECT state FROM api_log WHERE id = %s", log_id))
        return rows[0][0] if rows else None
