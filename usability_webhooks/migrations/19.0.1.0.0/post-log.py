# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Payloads of 18.0 out of their attachments; what else hung on its log rows deleted."""

import json
import logging
import re

from psycopg2.extras import execute_values

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every
from odoo.tools.sql import column_exists

_logger = logging.getLogger(__name__)

#: Files read, and attachments deleted, at a time.
BATCH = 500
#: The key 18.0 added to what it logged.
OWN_KEY = re.compile(r'(, )?"is_create_log": true\}$')


def migrate(cr, version):
    if not version or not column_exists(cr, "api_log", "attachment_id"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    moved = _move_payloads(env)
    # First: its foreign key has no index, and would be looked for in every log row,
    # for each attachment.
    cr.execute("ALTER TABLE api_log DROP COLUMN attachment_id")
    deleted = _delete_attachments(env)
    cr.execute("DELETE FROM mail_message WHERE model = 'api.log'")
    messages = cr.rowcount
    cr.execute("DELETE FROM mail_followers WHERE res_model = 'api.log'")
    cr.execute("DELETE FROM mail_activity WHERE res_model = 'api.log'")
    cr.execute("ALTER TABLE api_log DROP COLUMN IF EXISTS function_name")
    _delete_vacuum(env)
    _logger.info(
        "log of 18.0: %s payloads moved, %s attachments and %s messages deleted",
        *(moved, deleted, messages),
    )


def _move_payloads(env):
    """Store the whole payloads, so far JSON files, in their table; return how many.

    A file that is lost, or no JSON any more, leaves the row its previews.
    """
    env.cr.execute(
        "SELECT l.id, l.attachment_id, l.log_type, l.model FROM api_log l"
        " JOIN ir_attachment a ON a.id = l.attachment_id"
        " WHERE NOT EXISTS (SELECT FROM api_log_payload p WHERE p.log_id = l.id)"
        " ORDER BY l.id"
    )
    moved = 0
    for rows in split_every(BATCH, env.cr.fetchall(), list):
        files = env["ir.attachment"].browse(row[1] for row in rows)
        texts = {file.id: file.raw for file in files}
        payloads = []
        for log_id, file_id, log_type, model in rows:
            try:
                data, result = _read_payload(texts[file_id], log_type, model)
            except (ValueError, TypeError, KeyError) as exc:
                _logger.warning("payload of log row %s is lost: %r", log_id, exc)
                continue
            payloads.append((log_id, data, result))
        execute_values(
            env.cr._obj,
            "WITH made AS (INSERT INTO api_log_payload (log_id, data, result) VALUES %s"
            " RETURNING log_id, data) UPDATE api_log SET data_size = length(made.data)"
            " FROM made WHERE made.log_id = api_log.id",
            payloads,
            page_size=BATCH,
        )
        moved += len(payloads)
        env.invalidate_all()
    return moved


def _read_payload(raw, log_type, model):
    """Return request and response; a request in the envelope of 19.0."""
    payload = json.loads(raw)
    data, result = payload["data"] or "", payload["result"] or ""
    if log_type != "send" and model and data.startswith("{"):
        vals = OWN_KEY.sub("}", data)
        data = f'{{"params": {{"model": {json.dumps(model)}, "vals": {vals}}}}}'
    return data.replace("\x00", ""), result.replace("\x00", "")


def _delete_attachments(env):
    """Delete what was attached to log rows, files included; return how many."""
    env.cr.execute("SELECT id FROM ir_attachment WHERE res_model = 'api.log'")
    ids = [row[0] for row in env.cr.fetchall()]
    for batch in split_every(BATCH, ids, list):
        env["ir.attachment"].browse(batch).unlink()
        env.invalidate_all()
    return len(ids)


def _delete_vacuum(env):
    """Delete the scheduled action of 18.0; Odoo's daily vacuum does its work."""
    cron = env.ref("usability_webhooks.autovacuum_job", raise_if_not_found=False)
    if cron:
        action = cron.ir_actions_server_id
        cron.unlink()
        action.exists().unlink()
