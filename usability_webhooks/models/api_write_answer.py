# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from odoo import models

from ..exceptions import ApiErrors
from ..tools.api_outcome import ApiOutcome
from ..tools.envelope import summarize
from ..tools.write_job import WriteItem, WriteJob


class ApiWriteAnswer(models.AbstractModel):
    """Words what a writing job did, in the shapes of the wire contract."""

    _name = "api.write.answer"
    _description = "API Write Answer"

    def _answer(self, job: WriteJob) -> ApiOutcome:
        """Return the outcome of a job that was carried out.

        :raises ApiErrors: nothing of a batch could be done; with its verdicts.
        """
        rows = self._read_rows(job)
        record_ids = [record_id for item in job.done() for record_id in item.ids]
        more = {"created": self._get_created(job), "warnings": job.all_warnings()}
        if job.is_batch:
            return self._answer_batch(job, rows, record_ids, more)
        results = [self._get_result(job, item, rows) for item in job.items]
        is_list = isinstance(job.request.vals.get("payload"), list)
        is_new = job.items[0].operation == "created"
        message = (
            self.env._("Record created successfully")
            if is_new
            else self.env._("Record updated successfully")
        )
        result = results if is_list else results[0]
        return ApiOutcome(result, message, record_ids, more)

    def _get_result(
        self, job: WriteJob, item: WriteItem, rows: Mapping[int, dict]
    ) -> dict:
        """Return the ``result`` of a single record, as 18.0 has it."""
        answered = [rows[record_id] for record_id in item.ids]
        is_upsert = job.request.route == "create_update_data"
        more: dict = {"ids": list(item.ids)} if is_upsert else {}
        if is_upsert or job.request.is_dry_run:
            more["operation"] = item.operation
        if item.operation == "created":
            return answered[0] | more
        # The search key is echoed; a result field of the same name wins.
        result = dict(item.search_key)
        result |= self._flatten(job, answered)
        return result | {"id": list(item.ids)} | more

    def _flatten(self, job: WriteJob, answered: list[dict]) -> dict:
        """Return the result fields of one record, or those of several as a list."""
        if len(answered) == 1:
            return answered[0]
        return {"records": answered} if job.spec else {}

    # -- batches --------------------------------------------------------------

    def _answer_batch(
        self, job: WriteJob, rows: Mapping[int, dict], record_ids: list, more: dict
    ) -> ApiOutcome:
        verdicts = [self._get_verdict(job, item, rows) for item in job.items]
        errors = job.all_errors()
        if not any(item.operation for item in job.items):
            raise ApiErrors(errors, verdicts)
        message = self._get_summary(job)
        trace = "\n".join(job.traces)
        return ApiOutcome(verdicts, message, record_ids, more, errors, trace)

    def _get_verdict(
        self, job: WriteJob, item: WriteItem, rows: Mapping[int, dict]
    ) -> dict:
        """Return what became of one of ``records``."""
        verdict: dict = {"ref": item.vals.get("ref"), "is_success": True}
        if not item.operation:
            errors = item.plan.errors
            return verdict | {
                "is_success": False,
                "messages": summarize(errors, self.env.lang),
                "errors": [error.as_entry(self.env.lang) for error in errors],
            }
        ids = list(item.ids)
        verdict |= {
            "operation": item.operation,
            "id": ids[0] if len(ids) == 1 else None,
            "ids": ids,
        }
        fields = self._flatten(job, [rows[record_id] for record_id in ids])
        return verdict | {key: val for key, val in fields.items() if key not in verdict}

    def _get_summary(self, job: WriteJob) -> str:
        """Return a sentence such as "3 records: 1 created, 2 failed."."""
        counts = Counter(item.operation for item in job.items)
        parts = (
            (self.env._("%s created", counts["created"]), counts["created"]),
            (self.env._("%s updated", counts["updated"]), counts["updated"]),
            (self.env._("%s unchanged", counts["unchanged"]), counts["unchanged"]),
            (self.env._("%s failed", counts[""]), counts[""]),
        )
        return self.env._(
            "%(count)s records: %(parts)s.",
            count=len(job.items),
            parts=", ".join(text for text, count in parts if count),
        )

    # -- what is read ---------------------------------------------------------

    def _get_created(self, job: WriteJob) -> list[dict]:
        """Return what was made automatically, in the order it was made."""
        return [
            {"path": entry.place.path, "model": entry.model, "id": record_id}
            for entry in job.wants.created
            for record_id in entry.record_ids
        ]

    def _read_rows(self, job: WriteJob) -> dict[int, dict]:
        """Return the result fields of every record touched, read together."""
        ids = dict.fromkeys(rid for item in job.done() for rid in item.ids)
        if not job.spec:
            return {record_id: {"id": record_id} for record_id in ids}
        records = self.env[job.model].browse(ids)
        if any(records._fields[name].type == "one2many" for name in job.spec):
            # The cache holds new lines in the order they were made, not in the
            # model's: the next search would answer otherwise.
            self.env.invalidate_all()
        rows = self.env["api.record.reader"]._read(records, job.spec)
        return dict(zip(ids, rows, strict=True))
