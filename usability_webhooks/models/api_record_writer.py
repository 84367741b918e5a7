# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator, Mapping

from psycopg2 import DataError, IntegrityError

from odoo import models
from odoo.tools import split_every

from ..exceptions import ApiError, ApiErrors, ApiRefused
from ..tools import envelope
from ..tools.payload_plan import Level, Plan
from ..tools.write_job import WriteItem, WriteJob

#: Records tried together where one may fail without the others. Of a thousand
#: with one bad, a hundred are done again; and the ORM's own INSERT takes a
#: hundred rows (odoo/orm/models.py, INSERT_BATCH_SIZE).
TOLERANT_CHUNK = 100
#: Not about one record: the request is tried again, or refused.
NOT_OF_ONE_RECORD = (*envelope.RETRYABLE, ApiRefused)


class ApiRecordWriter(models.AbstractModel):
    """Carries out the items of a writing job: find, resolve, write, all together.

    One search for the search keys, one pass of the resolver, one ``create``, and
    one ``write`` for all records that are to become alike. Nothing here knows
    how an answer looks.
    """

    _name = "api.record.writer"
    _description = "API Record Writer"

    def _carry_out(self, job: WriteJob) -> None:
        """Write what the items ask for; tell each item what became of it.

        Items are resolved against the data as it was before the job. Only those
        that mean the same record see each other: they go one after the other.

        :raises ApiErrors: all that is wrong, unless the job is tolerant.
        """
        waiting = [item for item in job.items if not item.plan.errors]
        while True:
            items, waiting = self._find_records(job, waiting)
            self._resolve(job, items)
            if job.errors or (not job.is_tolerant and job.all_errors()):
                raise ApiErrors(job.all_errors())
            ready = [item for item in items if not item.plan.errors]
            self._claim_new(job, ready)
            self._write_ready(job, ready)
            if not waiting:
                return

    # -- which records --------------------------------------------------------

    def _find_records(
        self, job: WriteJob, items: list[WriteItem]
    ) -> tuple[list[WriteItem], list[WriteItem]]:
        """Find the records of as many items as do not stand in each other's way.

        :returns: those items, and the others, which must wait.
        """
        if job.request.route == "create_data":
            return items, []
        model = self.env[job.model]
        finder = self.env["api.record.finder"]
        for item in items:
            if item.key is None:
                finder._prepare_key(model, item)
        items, waiting = self._split_by(items, lambda item: [self._get_identity(item)])
        wanted = [item for item in items if not item.plan.errors]
        finder._find_items(model, wanted)
        missing = [item for item in wanted if not (item.ids or item.plan.errors)]
        if job.request.route == "create_update_data":
            finder._find_archived_items(model, missing)
        else:
            for item in missing:
                item.plan.refuse(finder._not_found(model, item.search_key))
        items, late = self._split_by(items, lambda item: item.ids)
        if late:
            order = {id(item): index for index, item in enumerate(job.items)}
            waiting = sorted([*late, *waiting], key=lambda item: order[id(item)])
        return items, waiting

    def _split_by(self, items: list[WriteItem], get_marks) -> tuple[list, list]:
        """Return the items that share no mark with an earlier one, and the others."""
        seen: set = set()
        first, others = [], []
        for item in items:
            marks = set(get_marks(item))
            (others if marks & seen else first).append(item)
            seen |= marks
        return first, others

    def _get_identity(self, item: WriteItem) -> object:
        """Return what two items that would make the same record have in common."""
        return item.key.identity() if item.key else id(item)

    def _claim_new(self, job: WriteJob, items: list[WriteItem]) -> None:
        """Keep others from creating what an upsert found missing."""
        new = [item.search_key for item in items if not item.ids]
        if new and job.request.route == "create_update_data":
            self.env["api.upsert.guard"]._touch(job.model, new)

    # -- what they shall become -----------------------------------------------

    def _resolve(self, job: WriteJob, items: list[WriteItem]) -> None:
        every = self.env[job.model].browse({rid for item in items for rid in item.ids})
        payloads = []
        for item in items:
            records = every.browse(item.ids).with_prefetch(every.ids)
            try:
                payload = self._get_payload(job, item, records)
            except ApiError as exc:
                item.plan.refuse(exc)
            else:
                payloads.append((self._prepare_level(item, records), payload))
        self.env["api.payload.resolver"]._resolve(job.wants, payloads)

    def _prepare_level(self, item: WriteItem, records: models.BaseModel) -> Level:
        """Return the level of an item's payload, in the company of its records."""
        company = records.company_id if "company_id" in records._fields else ()
        company_id = company.id if len(company) == 1 else self.env.company.id
        level = Level(item.plan, records._name, item.place, company_id, bool(records))
        level.record_ids = list(records.ids)
        return level

    def _get_payload(
        self, job: WriteJob, item: WriteItem, records: models.BaseModel
    ) -> object:
        """Return what to write; for a new record its search key's values too."""
        payload = item.vals.get("payload", {})
        if job.request.route == "create_data":
            return payload
        if payload is None:
            payload = {}
        finder = self.env["api.record.finder"]
        if records and (expected := item.vals.get("expected_write_date")):
            for error in finder._check_write_date(records, expected):
                item.plan.refuse(error)
        if records or item.plan.errors or not isinstance(payload, Mapping):
            return payload
        return finder._get_key_values(records, item.search_key) | payload

    # -- the writing ----------------------------------------------------------

    def _write_ready(self, job: WriteJob, items: list[WriteItem]) -> None:
        if not job.is_batch:
            self._write(job, items)
            return
        size = TOLERANT_CHUNK if job.is_tolerant else len(items) or 1
        for chunk in split_every(size, items, list):
            self.env["api.progress"]._report(len(list(job.done())), len(job.items))
            self._try(job, chunk)

    def _try(self, job: WriteJob, items: list[WriteItem]) -> None:
        """Write some items together; if that fails, halve until it is known whose
        fault it is.

        :raises ApiErrors: the one to blame, unless the job is tolerant.
        """
        made = len(job.wants.created)
        try:
            with self._savepoint():
                self._write(job, items)
            return
        except NOT_OF_ONE_RECORD:
            raise
        except Exception as exc:  # pylint: disable=broad-exception-caught
            if envelope.is_lost(exc):
                raise
            self._forget(job, items, made)
            if len(items) == 1:
                self._blame(job, items[0], exc)
                return
        half = len(items) // 2
        self._try(job, items[:half])
        self._try(job, items[half:])

    @contextlib.contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Undo what fails, with what it wanted done after the commit."""
        hooks = self.env.cr.postcommit
        known, data = list(hooks._funcs), dict(hooks.data)
        try:
            with self.env.cr.savepoint():
                yield
        except Exception:
            hooks.clear()
            hooks.data.update(data)
            for hook in known:
                hooks.add(hook)
            raise

    def _forget(self, job: WriteJob, items: list[WriteItem], made: int) -> None:
        """Take back what was noted of records that are no more."""
        undone = [level for item in items for level in item.plan.walk()]
        undone += [part for entry in job.wants.created[made:] for part in entry.walk()]
        del job.wants.created[made:]
        for level in undone:
            level.record_ids.clear()
        for item in items:
            if item.operation == "created":
                item.ids = []
            item.operation = ""

    def _blame(self, job: WriteJob, item: WriteItem, exc: Exception) -> None:
        trace = "".join(traceback.format_exception(exc))
        if isinstance(exc, (IntegrityError, DataError)):
            payload = item.vals.get("payload") or {}
            translator = self.env["api.database.error"]
            exc = translator._translate(exc, job.model, payload)
        errors = envelope.api_errors(exc, job.request.request_id)
        item.plan.refuse(ApiErrors(errors))
        if any(error.code == "internal_error" for error in errors):
            job.traces.append(f"{item.plan.root}\n{trace}")
        if not job.is_tolerant:
            raise ApiErrors(item.plan.errors) from exc

    def _write(self, job: WriteJob, items: list[WriteItem]) -> None:
        """Make and change the records of some items, and what they need made."""
        made = len(job.wants.created)
        plans = [item.plan for item in items]
        self._make_missing(job, plans)
        new = [item for item in items if not item.level.is_update]
        self.env["api.payload.builder"]._create([item.level for item in new])
        for item in new:
            item.ids = item.level.record_ids
            item.operation = "created"
        self._update(job, [item for item in items if item.level.is_update])
        levels = [level for plan in plans for level in plan.walk()]
        levels += [part for entry in job.wants.created[made:] for part in entry.walk()]
        self.env["api.payload.attachment"]._attach(levels)

    def _make_missing(self, job: WriteJob, plans: list[Plan]) -> None:
        """Create what some plans miss: batch by batch, one create per model."""
        if not job.wants.made:
            return
        needed = {id(entry) for entry in job.wants.get_entries(plans)}
        for batch in job.wants.sort_made()[0]:
            entries = [lookup.entry for lookup in batch if not lookup.entry.record_ids]
            entries = [entry for entry in entries if id(entry) in needed]
            self.env["api.payload.builder"]._create(entries)
            job.wants.created += entries

    def _update(self, job: WriteJob, items: list[WriteItem]) -> None:
        every = self.env[job.model].browse(rid for item in items for rid in item.ids)
        pairs = [
            (item.level, every.browse(item.ids).with_prefetch(every.ids))
            for item in items
        ]
        changed = self.env["api.payload.builder"]._write(pairs)
        for item in items:
            is_changed = not changed.isdisjoint(item.ids)
            item.operation = "updated" if is_changed else "unchanged"
