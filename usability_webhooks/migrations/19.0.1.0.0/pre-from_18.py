# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What 18.0 kept, put where the models of 19.0 find it: one pass over the log.

SQL alone: the addon's code is not loaded yet. Running it twice changes nothing more.
"""

import re

from odoo.tools import SQL
from odoo.tools.sql import column_exists

MODULE = "usability_webhooks"
#: Of a row, and of what it quotes, which 18.0 did not tell apart.
RETENTION = ["webhook.log_retention_days", "webhook.payload_retention_days"]
#: The most there can be (``api.log.housekeeping``): nothing is deleted.
FOR_EVER_DAYS = 100 * 365
#: Columns the pass fills; the ORM finds them and adds the others.
LOG_COLUMNS = {
    "request_id": "varchar",
    "user_id": "int4",
    "company_id": "int4",
    "method": "varchar",
    "res_ids": "jsonb",
    "record_count": "int4",
    "error_code": "varchar",
    "error_message": "varchar",
    "is_masked": "bool",
}
RULE_COLUMNS = {"body_format": "varchar", "user_id": "int4", "owner_id": "int4"}

#: Whether a request is there in full, and the envelope requests of 19.0 are logged
#: with, so that it can be sent again. 18.0 added a key of its own at the end.
IS_WHOLE = r"""(l.log_type IS DISTINCT FROM 'send' AND l.model IS NOT NULL
    AND l.data_size = length(l.data_preview) AND l.data_preview LIKE '{%}')"""
ENVELOPE = r"""'{"params": {"model": ' || to_json(l.model)::text || ', "vals": '
    || regexp_replace(l.data_preview, '(, )?"is_create_log": true}$', '}') || '}}'"""
#: The last line of what 18.0 answered: of a traceback the one that says what happened.
MESSAGE = r"""substring(replace(replace(substring(
    l.result_preview FROM '"messages": "((?:[^"\\]|\\.)*)"'),
    '\n', chr(10)), '\"', '"') FROM '([^\n]+)\n*$')"""
#: Columns read what the row was before. A draft tells no outcome: 18.0 itself wrote
#: none for a request. Of a URL the path may be a secret; the endpoint has it.
LOG_PASS = rf"""
UPDATE api_log l SET
    request_id = 'v18-' || l.id,
    user_id = l.create_uid,
    company_id = (SELECT u.company_id FROM res_users u WHERE u.id = l.create_uid),
    log_type = COALESCE(l.log_type, 'receive'),
    state = CASE WHEN l.state IN ('done', 'failed') THEN l.state
        ELSE 'interrupted' END,
    error_code = CASE l.state WHEN 'done' THEN NULL WHEN 'failed' THEN 'internal_error'
        ELSE 'interrupted' END,
    error_message = left(CASE
        WHEN l.state = 'done' THEN NULL
        WHEN l.state IS DISTINCT FROM 'failed'
            THEN 'Left as a draft by version 18.0: what came of it was not noted.'
        WHEN l.log_type = 'send' THEN l.result_preview
        ELSE {MESSAGE} END, 2000),
    res_ids = CASE WHEN l.res_id > 0 THEN jsonb_build_array(l.res_id) END,
    record_count = CASE WHEN l.res_id > 0 THEN 1 ELSE 0 END,
    method = CASE
        WHEN '/api/' || l.function_name IS DISTINCT FROM l.route THEN l.function_name
        WHEN l.function_name = 'call_function'
            THEN substring(l.data_preview FROM '"method": "([^"\\]*)"') END,
    route = left(CASE WHEN l.log_type = 'send' THEN regexp_replace(
        substring(l.route FROM '^[^:/?#]+://[^/?#]*'), '://[^@]*@', '://')
        ELSE l.route END, 300),
    model = left(l.model, 200),
    data_preview = CASE WHEN {IS_WHOLE} THEN {ENVELOPE} ELSE l.data_preview END,
    data_size = CASE WHEN {IS_WHOLE} THEN length({ENVELOPE}) ELSE l.data_size END,
    is_masked = false
WHERE l.request_id IS NULL
"""
#: Parameters that the data of 19.0 makes.
PARAMETERS = [
    "webhook.create_data_log",
    "webhook.create_update_data_log",
    "webhook.update_data_log",
    "webhook.search_data_log",
    "webhook.call_function_log",
    "webhook.preview_limit",
    "webhook.ignore_checkcompany_model",
    *RETENTION,
]


def migrate(cr, version):
    if not version or not column_exists(cr, "api_log", "function_name"):
        return
    _adopt_parameters(cr)
    _keep_retention(cr)
    _add_columns(cr, "api_log", LOG_COLUMNS)
    cr.execute(LOG_PASS)
    _add_columns(cr, "webhook_outbound_rule", RULE_COLUMNS)
    _prepare_rules(cr)


def _add_columns(cr, table, columns):
    for name, kind in columns.items():
        cr.execute(
            SQL(
                "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s",
                SQL.identifier(table),
                SQL.identifier(name),
                SQL(kind),
            )
        )


def _adopt_parameters(cr):
    """Give parameters an administrator made by hand the ids our data has for them.

    Else loading the data would make them a second time, which their key forbids.
    """
    cr.execute(
        """
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate,
            create_date, write_date)
        SELECT %s, replace(p.key, '.', '_'), 'ir.config_parameter', p.id, true,
            now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc'
        FROM ir_config_parameter p WHERE p.key = ANY(%s) AND NOT EXISTS (
            SELECT FROM ir_model_data d
            WHERE d.model = 'ir.config_parameter' AND d.res_id = p.id)
        ON CONFLICT DO NOTHING
        """,
        [MODULE, PARAMETERS],
    )


def _keep_retention(cr):
    """Go on deleting log rows as 18.0 did: after so many days, or never.

    Its scheduled action was off unless somebody switched it on; the default of 19.0
    would delete, the next day, what was kept for years.
    """
    cr.execute(
        """
        SELECT a.code FROM ir_cron c
        JOIN ir_act_server a ON a.id = c.ir_actions_server_id
        JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = c.id
        WHERE c.active AND d.module = %s AND d.name = 'autovacuum_job'
        """,
        [MODULE],
    )
    code = (cr.fetchone() or ("",))[0] or ""
    match = re.search(r"autovacuum\(\s*(?:days\s*=\s*)?(\d{1,6})", code)
    days = min(max(int(match[1]), 1), FOR_EVER_DAYS) if match else FOR_EVER_DAYS
    cr.execute(
        """
        WITH made AS (
            INSERT INTO ir_config_parameter (key, value, create_date, write_date)
            SELECT name, %s, now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc'
            FROM unnest(%s) name
            ON CONFLICT DO NOTHING RETURNING id, key)
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
        SELECT %s, replace(key, '.', '_'), 'ir.config_parameter', id, true FROM made
        """,
        [str(days), RETENTION, MODULE],
    )


def _prepare_rules(cr):
    """Have rules send what 18.0 sent, read as the one who made them.

    18.0 read as whoever changed a record. A user that is gone, archived or from
    outside is replaced by the first administrator.
    """
    cr.execute(
        """
        WITH admin AS (
            SELECT min(u.id) AS id FROM res_users u
            JOIN res_groups_users_rel g ON g.uid = u.id
            JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = g.gid
            WHERE d.module = 'base' AND d.name = 'group_system' AND u.active),
        reader AS (
            SELECT r.id, COALESCE(u.id, (SELECT id FROM admin), r.create_uid) AS user_id
            FROM webhook_outbound_rule r LEFT JOIN res_users u
                ON u.id = r.create_uid AND u.active AND NOT u.share)
        UPDATE webhook_outbound_rule r
        SET body_format = 'data', owner_id = s.user_id, user_id = s.user_id
        FROM reader s WHERE s.id = r.id AND r.body_format IS NULL
        """
    )
