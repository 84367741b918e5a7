# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
from collections.abc import Iterable

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.envelope import to_json
from .api_log_row import CONTENT_COLUMNS
from .api_log_writer import MAX_RECORD_IDS

#: Shorter texts are in every row.
MIN_MENTION_CHARACTERS = 3


class ApiLogEraser(models.AbstractModel):
    """Finds what the log holds of one record and erases it.

    Found by the record: rows whose request created, updated, found or called it.
    Found by mention: rows that hold a text anywhere, such as an address; among them
    requests that failed, and those about other records. Not found: a mention in other
    words, and what was never stored, being masked.
    """

    _name = "api.log.eraser"
    _description = "API Log Eraser"

    def _find(
        self, model: str, record_id: int, mentions: Iterable[str] = ()
    ) -> models.BaseModel:
        """Return the ``api.log`` rows that hold a record, in the caller's rights.

        :param model: of the record, which need not exist any more.
        :param mentions: texts, in any case; short ones are passed over.
        """
        domain = Domain.FALSE
        if model and record_id:
            domain |= self._get_record_domain(model, record_id)
        for text in self._get_spellings(mentions):
            domain |= self._get_mention_domain(text)
        logs = self.env["api.log"]
        found = logs.search(domain) if domain is not Domain.FALSE else logs
        # Asked again, or answered again: the same content under another row.
        found |= found.replay_of_id
        return found | logs.search([("replay_of_id", "in", found.ids)])

    def _find_answers(
        self, logs: models.BaseModel, mentions: Iterable[str] = ()
    ) -> list[int]:
        """Return the idempotency keys whose stored answer belongs to the rows, or
        holds a mention: a request that is not logged may have one too."""
        holds = [self._holds(SQL("response"), t) for t in self._get_spellings(mentions)]
        query = SQL(
            "SELECT id FROM api_idempotency_key WHERE response IS NOT NULL"
            " AND (log_id = ANY(%s) OR ((%s) AND user_id IN"
            " (SELECT id FROM res_users WHERE company_id = ANY(%s))))",
            logs.ids,
            SQL(" OR ").join([SQL("FALSE"), *holds]),
            self.env.companies.ids,
        )
        return [key_id for (key_id,) in self.env.execute_query(query)]

    def _find_deliveries(
        self, model: str, record_id: int, mentions: Iterable[str] = ()
    ) -> models.BaseModel:
        """Return the webhook deliveries about a record, and those that mention it, in
        the caller's rights. What waits to be sent is not among them."""

        def mentions_one(_model, alias: str, _query) -> SQL:
            return SQL(
                "(%s)",
                SQL(" OR ").join(
                    self._holds(SQL.identifier(alias, name), text)
                    for text in spellings
                    for name in ("body", "last_response", "last_error")
                ),
            )

        spellings = self._get_spellings(mentions)
        domain = Domain.FALSE
        if model and record_id:
            domain |= Domain("res_model", "=", model) & Domain("res_id", "=", record_id)
        if spellings:
            domain |= Domain.custom(to_sql=mentions_one)
        over = Domain("state", "in", ("delivered", "dead", "cancelled"))
        said = Domain("body", "!=", False) | Domain("last_error", "!=", False)
        deliveries = self.env["webhook.outbound.delivery"]
        return deliveries.search(domain & over & said)

    def _erase_deliveries(self, deliveries: models.BaseModel) -> None:
        """Erase what deliveries said and were answered; none can be sent again."""
        deliveries.check_access("read")
        self.env.cr.execute(
            SQL(
                "UPDATE webhook_outbound_delivery SET body = '', last_response = NULL,"
                " last_error = NULL WHERE id = ANY(%s)"
                " AND state IN ('delivered', 'dead', 'cancelled')",
                deliveries.ids,
            )
        )
        self.env.invalidate_all(flush=False)

    def _erase(self, logs: models.BaseModel, key_ids: Iterable[int]) -> int:
        """Erase the content of rows and stored answers; metadata stays.

        Who did it, and when, is on each row. Requests in progress are left alone.

        :param logs: rows the caller may read.
        :returns: how many rows were erased.
        """
        logs.check_access("read")
        self.env.flush_all()  # what is not SQL's own, before its cache is dropped
        emptied = SQL(", ").join(
            SQL("%s = NULL", SQL.identifier(name))
            for name in (*CONTENT_COLUMNS, "callback_url")
        )
        query = SQL(
            "UPDATE api_log SET %s, content_gone = 'erased', erase_uid = %s,"
            " erase_date = %s WHERE id = ANY(%s) AND state != 'received' RETURNING id",
            emptied,
            self.env.uid,
            fields.Datetime.now(),
            logs.ids,
        )
        erased = [log_id for (log_id,) in self.env.execute_query(query)]
        self.env.cr.execute(
            SQL("DELETE FROM api_log_payload WHERE log_id = ANY(%s)", erased)
        )
        self._erase_answers(key_ids)
        self.env.invalidate_all(flush=False)
        return len(erased)

    def _erase_answers(self, key_ids: Iterable[int]) -> None:
        """Leave of answers that they were given, so that nothing is done twice."""
        query = SQL(
            "SELECT id, response FROM api_idempotency_key WHERE id = ANY(%s)",
            list(key_ids),
        )
        for key_id, response in self.env.execute_query(query):
            answer = json.loads(response)
            answer = {
                "is_success": answer.get("is_success"),
                "result": None,
                "messages": "This was done. The answer of that time was erased.",
                "request_id": answer.get("request_id"),
            }
            self.env.cr.execute(
                SQL(
                    "UPDATE api_idempotency_key SET response = %s WHERE id = %s",
                    to_json(answer),
                    key_id,
                ),
                log_exceptions=False,
            )

    # -- how a row is found ---------------------------------------------------

    def _get_record_domain(self, model: str, record_id: int) -> Domain:
        def holds(_model, alias: str, _query) -> SQL:
            return SQL(
                "%s @> %s::jsonb",
                SQL.identifier(alias, "res_ids"),
                json.dumps([record_id]),
            )

        def answers(_model, alias: str, _query) -> SQL:
            # Its list of ids was cut: the answer tells, where it was kept.
            return SQL(
                "%s > %s AND EXISTS (SELECT 1 FROM api_log_payload"
                " WHERE log_id = %s AND result ~ %s)",
                SQL.identifier(alias, "record_count"),
                MAX_RECORD_IDS,
                SQL.identifier(alias, "id"),
                rf'"id": {int(record_id)}[,}}]',
            )

        touched = (
            Domain("res_id", "=", record_id)
            | Domain.custom(to_sql=holds)
            | Domain.custom(to_sql=answers)
        )
        return Domain("res_model", "=", model) & touched

    def _get_mention_domain(self, text: str) -> Domain:
        def mentions(_model, alias: str, _query) -> SQL:
            columns = [*CONTENT_COLUMNS, "callback_url"]
            here = [self._holds(SQL.identifier(alias, name), text) for name in columns]
            there = SQL(
                "EXISTS (SELECT 1 FROM api_log_payload WHERE log_id = %s"
                " AND (%s OR %s))",
                SQL.identifier(alias, "id"),
                self._holds(SQL("data"), text),
                self._holds(SQL("result"), text),
            )
            return SQL("(%s)", SQL(" OR ").join([*here, there]))

        return Domain.custom(to_sql=mentions)

    def _holds(self, column: SQL, text: str) -> SQL:
        # NULL where there is no text: neither found nor in the way of an OR.
        return SQL("strpos(lower(%s), lower(%s)) > 0", column, text)

    def _get_spellings(self, mentions: Iterable[str]) -> list[str]:
        """Return texts as they are and as JSON has them, with or without escapes."""
        texts = [text.strip() for text in mentions]
        return list(
            dict.fromkeys(
                spelling
                for text in texts
                if len(text) >= MIN_MENTION_CHARACTERS
                for spelling in (
                    text,
                    json.dumps(text)[1:-1],
                    json.dumps(text, ensure_ascii=False)[1:-1],
                )
            )
        )
