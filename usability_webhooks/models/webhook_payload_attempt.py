# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

from odoo import models

from ..tools.envelope import RETRYABLE
from ..tools.webhook_rendering import Rendering

_logger = logging.getLogger(__name__)


class WebhookPayloadAttempt(models.AbstractModel):
    """Keeps what fails while a payload is made from the change it tells of."""

    _name = "webhook.payload.attempt"
    _description = "Webhook Payload Attempt"

    def _make_together(
        self, rendering: Rendering, make: Callable[[Rendering], list]
    ) -> list:
        """Return what ``make`` returns, at first as if nothing could fail.

        If something does, all is undone and made again value by value. So what never
        fails costs one savepoint, and none at all where no code is run.

        :raises Exception: only one for which the transaction is to be repeated.
        """
        try:
            with self._contain(rendering):
                return make(rendering)
        except RETRYABLE:
            raise
        # Whatever it is, the change itself must not fail for it.
        except Exception as exc:  # pylint: disable=broad-exception-caught
            _logger.debug("webhook payload: value by value, because of %r", exc)
        rendering.is_careful = True
        rendering.readable.clear()
        rendering.failures.clear()
        return make(rendering)

    def _make_value(
        self,
        rendering: Rendering,
        place: str,
        records: models.BaseModel,
        make: Callable[[], object],
    ) -> object:
        """Return what ``make`` returns; None, with the reason noted, if it fails.

        :raises Exception: also any other while the rendering is not careful yet.
        """
        if not rendering.is_careful:
            return make()
        try:
            with self._contain(rendering):
                return make()
        except RETRYABLE:
            raise
        except Exception as exc:  # pylint: disable=broad-exception-caught
            _logger.debug("webhook payload: %s of %s", place, records, exc_info=True)
            first_line = str(exc).strip().partition("\n")[0]
            reason = f"{type(exc).__name__}: {first_line:.200}"
            return rendering.fail(place, records, reason)

    @contextlib.contextmanager
    def _contain(self, rendering: Rendering) -> Iterator[None]:
        """Undo what happens inside if it fails, where code is run.

        No flushing savepoint: that would run, or forget, the hooks of the transaction
        we may be called from (odoo/sql_db.py, ``_FlushingSavepoint``).
        """
        if not rendering.runs_code:
            yield
            return
        # What was pending before is not ours to undo.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                yield
                self.env.flush_all()
        except Exception:
            self.env.clear()
            raise
