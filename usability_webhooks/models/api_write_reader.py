# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Mapping

from odoo import models

from ..exceptions import ApiError, ApiErrors, InvalidValue
from ..tools.api_request import (
    ITEM_KEYS,
    SHARED_KEYS,
    ApiRequest,
    is_left_out,
    json_type,
    unknown_key,
)
from ..tools.payload_plan import Place, Plan
from ..tools.write_job import WriteItem, WriteJob


class ApiWriteReader(models.AbstractModel):
    """Reads the ``vals`` of a writing route into the items of a job."""

    _name = "api.write.reader"
    _description = "API Write Reader"

    def _read(self, request: ApiRequest) -> WriteJob:
        """Return the job a request describes, nothing of it looked up yet.

        :raises ApiError: the request as a whole makes no sense.
        """
        job = WriteJob(request)
        payload = request.vals.get("payload")
        if request.vals.get("records") is not None:
            self._read_batch(job)
        elif not is_left_out(request.vals.get("on_error")):
            message = self.env._("on_error is for a batch: give 'records'.")
            raise InvalidValue(message, path="on_error")
        elif request.route == "create_data" and isinstance(payload, list):
            self._check_count(payload, "payload", "webhook.max_lines")
            for index, item in enumerate(payload):
                place = Place("payload").index(index)
                plan = self._prepare_plan(job, request.vals)
                job.items.append(WriteItem({"payload": item}, plan, place))
        else:
            plan = self._prepare_plan(job, request.vals)
            job.items.append(WriteItem(request.vals, plan, Place("payload")))
        return job

    def _read_batch(self, job: WriteJob) -> None:
        vals = job.request.vals
        job.is_batch = True
        records = vals["records"]
        if not isinstance(records, list):
            message = self.env._("records must be a list.")
            raise InvalidValue(message, path="records")
        self._check_count(records, "records", "webhook.max_records")
        job.is_tolerant = vals.get("on_error") == "continue"
        known = ITEM_KEYS[job.request.route]
        if misplaced := [key for key in sorted(known - SHARED_KEYS) if key in vals]:
            message = self.env._("goes into each of the records of a batch.")
            raise ApiErrors([InvalidValue(message, path=key) for key in misplaced])
        for index, record in enumerate(records):
            job.items.append(self._read_record(job, record, f"records[{index}]"))

    def _check_count(self, records: list, path: str, setting: str) -> None:
        if not records:
            raise InvalidValue(self.env._("%s is an empty list.", path), path=path)
        self.env["api.access"]._check_size(records, path, setting, is_batch=True)

    def _read_record(self, job: WriteJob, record: object, root: str) -> WriteItem:
        """Read one of ``records``; what is wrong with it is its own."""
        is_object = isinstance(record, Mapping)
        vals = record if is_object else {}
        plan = self._prepare_plan(job, vals, root)
        if not is_object:
            what = json_type(type(record))
            message = self.env._("must be an object, not %s.", what)
            plan.refuse(InvalidValue(message))
        else:
            for error in self._check_record(job, vals, plan):
                plan.refuse(error)
        return WriteItem(vals, plan, Place(f"{root}.payload"))

    def _check_record(self, job: WriteJob, vals: Mapping, plan: Plan) -> list[ApiError]:
        known = ITEM_KEYS[job.request.route]
        errors = job.request.check_types(vals)
        for key in vals:
            if key in known:
                continue
            error = unknown_key(key, known, path=key)
            if self.env["api.settings"]._ignores_unknown():
                plan.warnings.append(error.under(plan.root).say(self.env.lang))
            else:
                errors.append(error)
        ref = vals.get("ref")
        if isinstance(ref, (dict, list)) or ref is True:
            message = self.env._("must be a text or a number.")
            errors.append(InvalidValue(message, path="ref"))
        return errors

    def _prepare_plan(self, job: WriteJob, vals: Mapping, root: str = "") -> Plan:
        """Return an empty plan; a record's own ``auto_create`` goes before all's."""
        plan = Plan(job.model, job.wants, root)
        for source, path in ((vals, plan.path("auto_create")), (job.request.vals, "")):
            entries = source.get("auto_create")
            if entries and isinstance(entries, Mapping):
                plan.auto_create = entries
                plan.auto_create_path = path or "auto_create"
                break
        return plan
