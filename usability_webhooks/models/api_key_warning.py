# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.key_expiry import SOON, get_threshold
from ..tools.key_link import link_to_key

_logger = logging.getLogger(__name__)


class ApiKeyWarning(models.Model):
    """Which warning of its end was given last for a key, so that each is given once.

    A row of its own: a key without a profile has none elsewhere.
    """

    _name = "api.key.warning"
    _description = "API Key Expiry Warning"
    _rec_name = "key_id"
    _log_access = False
    _allow_sudo_commands = False

    key_id = fields.Many2one(
        "res.users.apikeys", "Key", required=True, readonly=True, ondelete="cascade"
    )
    days = fields.Integer(readonly=True, help="Days before its end: 14, 7 or 1.")

    _key_unique = models.UniqueIndex("(key_id)")

    @api.private
    def init(self) -> None:
        link_to_key(self)

    def _cron_warn(self) -> None:
        """Warn once of each key that has come 14, 7 or 1 days near its end.

        A key that is refused already, or was replaced by rotation, is left alone.
        """
        now = fields.Datetime.now()
        keys = self.env["api.key"].search(
            [
                ("expiration_date", ">=", now),
                ("expiration_date", "<=", now + SOON),
                ("state", "!=", "refused"),
            ]
        )
        given = {
            row.key_id.id: row for row in self.search([("key_id", "in", keys.ids)])
        }
        for key in keys:
            days = get_threshold(key.create_date, key.expiration_date, now)
            last = given.get(key.id)
            if days is None or (last and last.days <= days):
                continue
            self._note(key.id, days)
            self._warn(key)

    def _note(self, key_id: int, days: int) -> None:
        """Remember that nothing is left to say of a key up to ``days``."""
        rows = self.sudo()  # nobody has access rights, rotation notes it too
        if row := rows.search([("key_id", "=", key_id)]):
            row.days = days
        else:
            rows.create({"key_id": key_id, "days": days})

    def _warn(self, key: models.BaseModel) -> None:
        """Schedule an activity, or say it in the server log where there are none."""
        assignee = key.user_id
        if key.issued_by_id.active and key.issued_by_id._is_system():
            assignee = key.issued_by_id
        if "mail.activity" in self.env:
            try:
                with self.env.cr.savepoint():
                    self._schedule_activity(key, assignee)
                return
            except (AccessError, UserError) as exc:
                _logger.info("no activity for %s: %s", assignee.login, exc)
        _logger.warning(
            "API key %r (#%s) of %r ends on %s UTC",
            *(key.name, key.id, key.user_id.login, key.expiration_date),
        )

    def _schedule_activity(
        self, key: models.BaseModel, assignee: models.BaseModel
    ) -> None:
        """Put a task on the contact of the key's user: users have no activities."""
        texts = self.with_context(lang=assignee.lang).env
        key.user_id.partner_id.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=key.expiration_date.date(),
            summary=texts._("The API key %s ends", key.name),
            note=texts._(
                "The API key %(key)s of %(user)s ends on %(date)s (UTC). Rotate it in"
                " time: whatever sends it is refused from then on.",
                key=key.name,
                user=key.user_id.name,
                date=fields.Datetime.to_string(key.expiration_date),
            ),
            user_id=assignee.id,
        )
