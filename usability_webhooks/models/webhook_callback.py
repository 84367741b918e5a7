# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Iterable, Mapping

from odoo import api, fields, models
from odoo.tools import SQL

from ..exceptions import ApiError, InvalidValue
from ..tools.webhook_target import TargetRefused, parse
from ..tools.write_job import WriteItem, WriteJob

GC_BATCH = 5_000


class WebhookCallback(models.Model):
    """The address a caller named for the record it wrote: the last one counts.

    Written in SQL in the transaction of the request; nobody edits one.
    """

    _name = "webhook.callback"
    _description = "Webhook Callback"
    _order = "id desc"
    _rec_name = "res_model"
    _log_access = False
    _allow_sudo_commands = False

    res_model = fields.Char("Record Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record", model_field="res_model", required=True, readonly=True
    )
    url = fields.Char("URL", required=True, readonly=True)
    endpoint_id = fields.Many2one(
        "webhook.endpoint",
        "Endpoint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", "Company", readonly=True, ondelete="set null"
    )
    request_id = fields.Char(
        "Request", readonly=True, help="Of the request that named it; see the log."
    )
    named_at = fields.Datetime("Named", required=True, readonly=True)

    _record_unique = models.UniqueIndex("(res_model, res_id)")

    # -- what a request names -------------------------------------------------

    def _read(self, job: WriteJob) -> None:
        """Check the addresses a writing job names, before anything is written.

        An address that may not be called is a mistake of the job, or of its item. With
        no callback endpoint at all it is a warning, as nobody will call it.
        """
        named = {item.vals["callback_url"] for item in self._find_naming(job.items)}
        url = job.request.vals.get("callback_url")
        if not (url or named):
            return
        endpoints = self._get_endpoints()
        if not endpoints:
            job.warnings.append(
                self.env._(
                    "callback_url will not be called: there is no callback endpoint."
                )
            )
            return
        if url and (error := self._find_mistake(endpoints, url)):
            job.errors.append(error)
        for item in self._find_naming(job.items) if job.is_batch else ():
            if error := self._find_mistake(endpoints, item.vals["callback_url"]):
                item.plan.refuse(error)

    def _find_naming(self, items: list[WriteItem]) -> list[WriteItem]:
        """Return the items that name an address of their own."""
        return [
            item
            for item in items
            if (url := item.vals.get("callback_url")) and isinstance(url, str)
        ]

    def _get_endpoints(self) -> models.BaseModel:
        """Return the endpoints whose hosts callers may name."""
        endpoints_sudo = self.env["webhook.endpoint"].sudo()  # hosts only
        return endpoints_sudo.search(
            [
                ("kind", "=", "callback"),
                ("company_id", "in", [False, self.env.company.id]),
            ]
        )

    def _find_mistake(self, endpoints: models.BaseModel, url: str) -> ApiError | None:
        try:
            if self._match(endpoints, url):
                return None
            reason = self.env._("this host may not be named as callback_url.")
        except TargetRefused as exc:
            reason = exc.message
        return InvalidValue(reason, path="callback_url")

    def _match(self, endpoints: models.BaseModel, url: str) -> models.BaseModel:
        """Return the endpoint an address belongs to; the most exact host first.

        :raises TargetRefused: there is one, and the address may not be called.
        """
        # The widest policy, to learn the host; the endpoint's own then decides.
        widest = self.env["api.settings"]._get_outbound_policy(allow_http=True)
        host = parse(url, widest).netloc
        name = parse(url, widest).host
        by_length = sorted(endpoints, key=lambda e: (-len(e.host or ""), e.id))
        for endpoint in by_length:
            pattern = endpoint.host or ""
            is_below = pattern.startswith("*.") and name.endswith(pattern[1:])
            if is_below or pattern in (host, name):
                parse(url, endpoint._get_policy())
                return endpoint
        return endpoints.browse()

    # -- what was written -----------------------------------------------------

    def _bind(self, job: WriteJob) -> None:
        """Remember the address for each record a job wrote, in its transaction."""
        shared = job.request.vals.get("callback_url")
        if not shared and not self._find_naming(job.items):
            return
        endpoints = self._get_endpoints()
        named = {
            record_id: url
            for item in job.done()
            if (url := item.vals.get("callback_url") or shared)
            for record_id in item.ids
        }
        if not (endpoints and named):
            return
        self._store(job, named, endpoints)
        records_sudo = self.env[job.model].sudo()  # the field is the gateway's
        if isinstance(records_sudo, self.pool["webhook.outbound.mixin"]):
            records_sudo._set_callback_url(named)

    def _store(
        self, job: WriteJob, named: Mapping[int, str], endpoints: models.BaseModel
    ) -> None:
        """Write it in one statement: two requests for one record do not collide."""
        owners = {url: self._match(endpoints, url).id for url in set(named.values())}
        records = self.env[job.model].browse(named).sudo()  # companies only
        has_company = "company_id" in records._fields
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'utc')",
                *(job.model, record.id, named[record.id], owners[named[record.id]]),
                (record.company_id.id or None) if has_company else None,
                job.request.request_id,
            )
            for record in records
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO webhook_callback (res_model, res_id, url, endpoint_id,"
                " company_id, request_id, named_at) VALUES %s"
                " ON CONFLICT (res_model, res_id) DO UPDATE SET url = EXCLUDED.url,"
                " endpoint_id = EXCLUDED.endpoint_id,"
                " company_id = EXCLUDED.company_id,"
                " request_id = EXCLUDED.request_id, named_at = EXCLUDED.named_at",
                SQL(", ").join(rows),
            ),
            log_exceptions=False,
        )
        self.invalidate_model()

    # -- who asks -------------------------------------------------------------

    def _find(
        self, model: str, record_ids: Iterable[int]
    ) -> dict[int, tuple[int, str]]:
        """Return endpoint and address of the records that have an active one.

        An heir of ``webhook.outbound.mixin`` says its own first, as in 18.0.
        """
        ids = list(record_ids)
        rows = self.search([("res_model", "=", model), ("res_id", "in", ids)])
        found = {
            row.res_id: (row.endpoint_id.id, row.url)
            for row in rows
            if row.endpoint_id.active
        }
        records = self.env[model].browse(ids)
        if isinstance(records, self.pool["webhook.outbound.mixin"]):
            found |= self._find_own(records, found)
        return found

    def _find_own(
        self, records: models.BaseModel, found: Mapping[int, tuple[int, str]]
    ) -> dict[int, tuple[int, str]]:
        """Return endpoint and address of records that carry another in their field."""
        others = records.filtered(
            lambda record: (
                record.callback_url
                and record.callback_url != found.get(record.id, (0, ""))[1]
            )
        )
        own = {}
        for record in others:
            endpoints = self.env["webhook.endpoint"].search([("kind", "=", "callback")])
            try:
                endpoint = self._match(endpoints, record.callback_url)
            except TargetRefused:
                continue
            if endpoint:
                own[record.id] = (endpoint.id, record.callback_url)
        return own

    @api.autovacuum
    def _gc_callbacks(self) -> tuple[int, int]:
        """Forget the addresses of records that are no more.

        In SQL, for it is about rows without a record, by the thousand.

        :returns: how many, and how many may be left.
        """
        done = 0
        known = self._read_group([], ["res_model"])
        for (model,) in known:
            lost = SQL("TRUE")
            if model in self.env and self.env[model]._auto:
                table = SQL.identifier(self.env[model]._table)
                lost = SQL(
                    "NOT EXISTS (SELECT 1 FROM %s r WHERE r.id = c.res_id)", table
                )
            done += len(
                self.env.execute_query(
                    SQL(
                        "DELETE FROM webhook_callback WHERE id IN (SELECT c.id"
                        " FROM webhook_callback c WHERE c.res_model = %s AND %s"
                        " LIMIT %s) RETURNING id",
                        model,
                        lost,
                        GC_BATCH - done,
                    )
                )
            )
            if done >= GC_BATCH:
                return done, 1
        return done, 0
