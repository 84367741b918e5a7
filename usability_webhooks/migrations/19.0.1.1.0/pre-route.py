# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Values of a selection that is text now: core cannot clear them away by itself.

It asks the field what is to become of rows with a value that is gone, and text has no
answer (odoo/addons/base/models/ir_model.py, ``_process_ondelete``).
"""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """
        WITH gone AS (
            DELETE FROM ir_model_fields_selection s USING ir_model_fields f
            WHERE f.id = s.field_id AND f.model = 'api.log' AND f.name = 'route'
            RETURNING s.id)
        DELETE FROM ir_model_data d USING gone
        WHERE d.model = 'ir.model.fields.selection' AND d.res_id = gone.id
        """
    )
