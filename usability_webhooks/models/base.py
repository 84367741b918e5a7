# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, models

from ..tools.outbound_memory import MEMORY
from .api_dry_run import get_created

#: Key under which a level of a payload travels with the values made from it.
LEVEL_KEY = "usability_webhooks_level"


class Base(models.AbstractModel):
    """Tells a payload level which record it became.

    A parent's lines are created somewhere inside the parent's own ``create``,
    and read back in the model's order, which need not be the payload's. So the
    level rides along with its values and is told here, below every override,
    which record they turned into. Only levels travel that must know: those that
    carry files or translations.

    And tells ``webhook.outbound.capture`` what it must know of a transaction: what
    was made in it, and what changed or went after an event of it was stored.
    """

    _inherit = "base"

    @api.model
    @api.private
    def new(self, values=None, origin=None, ref=None):
        """Make a draft as ever: the ORM makes one of each line to compute the
        parent's values before it is stored. A level does not ride with a draft."""
        if values and LEVEL_KEY in values:
            values = {key: val for key, val in values.items() if key != LEVEL_KEY}
        return super().new(values, origin, ref)

    @api.model_create_multi
    def create(self, vals_list):
        """Create as ever; then bind each level that travelled to its record, and
        have a dry run know what it made, wherever that happens."""
        levels = None
        if any(LEVEL_KEY in vals for vals in vals_list):
            levels = [vals.pop(LEVEL_KEY, None) for vals in vals_list]
        records = super().create(vals_list)
        for level, record in zip(levels or (), records if levels else (), strict=True):
            if level:
                level.record_ids.append(record.id)
        created = get_created(self.env.cr)
        if created is not None:
            created.update((self._name, record_id) for record_id in records.ids)
        if self.env.registry.ready:  # before that core watches nothing for rules
            self.env["webhook.outbound.capture"]._note_created(self._name, records.ids)
        return records

    def _write_multi(self, vals_list):
        """Write to the database as ever: all updates, computed ones too."""
        result = super()._write_multi(vals_list)
        if MEMORY in vars(self.env.cr):
            self.env["webhook.outbound.capture"]._note_again(self._name, self.ids)
        return result

    def unlink(self):
        """Delete as ever."""
        result = super().unlink()
        if MEMORY in vars(self.env.cr):
            self.env["webhook.outbound.capture"]._note_again(self._name, self.ids)
        return result
