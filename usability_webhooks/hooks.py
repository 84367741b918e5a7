# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Odoo does not clear away by itself when the addon is uninstalled."""

from __future__ import annotations

import logging

from odoo import api
from odoo.tools import SQL

from .models.api_settings import DEFAULTS
from .models.res_users_apikeys import PROFILE_SCOPE
from .tools.url_origin import get_origin

_logger = logging.getLogger(__name__)

MODULE = "usability_webhooks"
#: Deliveries named in the server log, one line each.
NAMED_DELIVERIES = 10_000


def uninstall_hook(env: api.Environment) -> None:
    """Delete what has no external id, and say which deliveries are lost.

    ``button_uninstall`` refuses while deliveries wait. Who gets here all the same (a
    script that marks the module, a delivery made since) finds them in the server log.
    """
    env = env(context={"active_test": False})
    _report_pending(env)
    # With each its automation.
    env["webhook.outbound.rule"].search([]).unlink()
    _delete_crons(env)
    # Those that were typed in, too.
    names = list(DEFAULTS)
    env["ir.config_parameter"].search([("key", "in", names)]).unlink()
    _delete_narrow_keys(env)


def _report_pending(env: api.Environment) -> None:
    """Write each delivery that will never be made into the server log."""
    rows = env.execute_query(
        SQL(
            "SELECT message_id, event_type, res_model, res_id, url, occurred_at"
            " FROM webhook_outbound_delivery WHERE state IN ('pending', 'sending')"
            " ORDER BY id"
        )
    )
    if not rows:
        return
    _logger.warning("UNINSTALL: %s webhook deliveries will never be made", len(rows))
    for message, event, model, record_id, url, occurred in rows[:NAMED_DELIVERIES]:
        _logger.warning(
            "UNINSTALL: not delivered: %s %s of %s(%s) at %s to %s",
            *(message, event, model, record_id, occurred, get_origin(url)),
        )


def _delete_crons(env: api.Environment) -> None:
    """Delete scheduled actions of our models, also copies somebody made.

    Core deletes those with the models, but what follows their server actions stays.
    """
    # Not ``ir.model.modules``: that leaves out a module which is to go.
    rows = env.execute_query(
        SQL(
            "SELECT res_id FROM ir_model_data WHERE model = 'ir.model'"
            " GROUP BY res_id HAVING bool_and(module = %s)",
            MODULE,
        )
    )
    ours = [model_id for (model_id,) in rows]
    crons = env["ir.cron"].search([("model_id", "in", ours)])
    actions = crons.ir_actions_server_id
    crons.unlink()
    actions.exists().unlink()


def _delete_narrow_keys(env: api.Environment) -> None:
    """Delete API keys with an access profile: they work on our routes only."""
    env.cr.execute(SQL("DELETE FROM res_users_apikeys WHERE scope = %s", PROFILE_SCOPE))
    _logger.info("uninstall: %s API keys with a profile deleted", env.cr.rowcount)
