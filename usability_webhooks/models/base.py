# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import api, models

#: Key under which a level of a payload travels with the values made from it.
LEVEL_KEY = "usability_webhooks_level"


class Base(models.AbstractModel):
    """Tells a payload level which record it became.

    A parent's lines are created somewhere inside the parent's own ``create``,
    and read back in the model's order, which need not be the payload's. So the
    level rides along with its values and is told here, below every override,
    which record they turned into. Only levels that carry files travel.
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
        """Create as ever; then bind each level that travelled to its record."""
        if not any(LEVEL_KEY in vals for vals in vals_list):
            return super().create(vals_list)
        levels = [vals.pop(LEVEL_KEY, None) for vals in vals_list]
        records = super().create(vals_list)
        for level, record in zip(levels, records, strict=True):
            if level:
                level.record_ids.append(record.id)
        return records
