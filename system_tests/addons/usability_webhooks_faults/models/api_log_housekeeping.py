# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import os

from odoo import api, models

from odoo.addons.usability_webhooks.models import api_log_housekeeping

from ..hits import note_hit

#: Seconds after which a row is looked at, for runs that cannot wait as long as
#: production does.
REAP_AFTER = "USABILITY_WEBHOOKS_REAP_AFTER"

if REAP_AFTER in os.environ:
    api_log_housekeeping.REAP_AFTER_SECONDS = int(os.environ[REAP_AFTER])


class ApiLogHousekeeping(models.AbstractModel):
    _inherit = "api.log.housekeeping"

    @api.model
    def _cron_mark_interrupted(self) -> None:
        super()._cron_mark_interrupted()
        note_hit(kind="reaper", place="", request_id="")
