# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database as the module for Odoo 18 leaves it, from the facts of its fields."""

from __future__ import annotations

VERSION = "18.0.4.2.0"
#: What the module's users wrote, beside ids and the four log columns.
TABLES = {
    "api_log": {
        "model": "varchar",
        "res_model": "varchar",
        "res_id": "int4",
        "callback_url": "varchar",
        "route": "varchar",
        "function_name": "varchar",
        "log_type": "varchar",
        "data_preview": "text",
        "data_size": "int4",
        "result_preview": "text",
        "result_size": "int4",
        "attachment_id": "int4 REFERENCES ir_attachment ON DELETE SET NULL",
        "state": "varchar",
    },
    "webhook_outbound_rule": {
        "name": "varchar NOT NULL",
        "active": "bool",
        "model_id": "int4 NOT NULL REFERENCES ir_model ON DELETE CASCADE",
        "model_name": "varchar",
        "trigger_domain": "varchar NOT NULL",
        "endpoint_source": "varchar NOT NULL",
        "endpoint_url": "varchar",
        "payload_fields": "text",
        "auth_header": "varchar",
        "note": "text",
    },
}
LOG_ACCESS = """
    id serial PRIMARY KEY,
    create_uid int4 REFERENCES res_users ON DELETE SET NULL, create_date timestamp,
    write_uid int4 REFERENCES res_users ON DELETE SET NULL, write_date timestamp
"""
PARAMETERS = {
    "webhook_rollback_state_false": ("webhook.rollback_state_failed", "1"),
    "webhook_rollback_except": ("webhook.rollback_except", "1"),
    "webhook_create_data_log": ("webhook.create_data_log", "True"),
    "webhook_update_data_log": ("webhook.update_data_log", "False"),
    "webhook_create_update_data_log": ("webhook.create_update_data_log", "True"),
    "webhook_search_data_log": ("webhook.search_data_log", "True"),
    "webhook_call_function_log": ("webhook.call_function_log", "True"),
    "webhook_ignore_checkcompany_model": (
        "webhook.ignore_checkcompany_model",
        "['res.partner']",
    ),
    "webhook_preview_limit": ("webhook.preview_limit", "40"),
}
#: What 19.0 says in the place of the scheduled action's argument.
RETENTION = ["webhook.log_retention_days", "webhook.payload_retention_days"]
MODELS = {
    "api.log": "API Logs",
    "webhook.outbound.rule": "Outbound Webhook Rule",
    "webhook.outbound.mixin": "Outbound Webhook Mixin",
    "webhook.outbound.service": "Outbound Webhook Push Service",
    "webhook.utils": "Webhook Utils",
}
VIEWS = {
    "view_api_log_list": (
        "api.log",
        '<list><field name="create_date"/><field name="attachment_id"/></list>',
    ),
    "view_api_log_form": (
        "api.log",
        '<form><field name="function_name"/><chatter/></form>',
    ),
    "view_api_log_search": ("api.log", '<search><field name="data_preview"/></search>'),
    "view_webhook_outbound_rule_form": (
        "webhook.outbound.rule",
        '<form><field name="auth_header"/></form>',
    ),
}
ACTIONS = {
    "action_api_logs": ("API Logs", "api.log"),
    "action_webhook_outbound_rules": (
        "Outbound Webhook Rules",
        "webhook.outbound.rule",
    ),
}
#: Public or not, everybody had all rights on the log.
RIGHTS = {
    "access_api_log": ("api.log", "base.group_user", True),
    "access_webhook_outbound_rule": ("webhook.outbound.rule", "base.group_user", False),
    "access_webhook_outbound_rule_manager": (
        "webhook.outbound.rule",
        "base.group_system",
        True,
    ),
}

#: Run in Odoo's shell on a database without the module: ``env`` and the constants
#: above are there.
INSTALL = """
cr = env.cr
data = env["ir.model.data"]

def note(name, model, res_id, noupdate=False):
    data.create({"module": "usability_webhooks", "name": name, "model": model,
                 "res_id": res_id, "noupdate": noupdate})

for table, columns in TABLES.items():
    parts = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cr.execute(f"CREATE TABLE {table} ({LOG_ACCESS}, {parts})")
env["ir.module.module"].update_list()
cr.execute("UPDATE ir_module_module SET state = 'installed', latest_version = %s"
           " WHERE name = 'usability_webhooks'", [VERSION])
cr.execute("DELETE FROM ir_module_module_dependency WHERE module_id = (SELECT id FROM"
           " ir_module_module WHERE name = 'usability_webhooks') AND name != 'mail'")
ids = {}
for model, name in MODELS.items():
    cr.execute("INSERT INTO ir_model (model, name, state, info, \\"order\\","
               " is_mail_thread) VALUES (%s, jsonb_build_object('en_US', %s::text),"
               " 'base', '', 'id', %s) RETURNING id", [model, name, model == "api.log"])
    ids[model] = cr.fetchone()[0]
    note("model_" + model.replace(".", "_"), "ir.model", ids[model])
types = {"varchar": "char", "text": "text", "int4": "integer", "bool": "boolean"}
for table, columns in TABLES.items():
    model = table.replace("_", ".")
    for name, kind in columns.items():
        ttype = "many2one" if "REFERENCES" in kind else types[kind.split()[0]]
        relation = {"attachment_id": "ir.attachment", "model_id": "ir.model"}.get(name)
        cr.execute("INSERT INTO ir_model_fields (model, model_id, name, ttype, state,"
                   " field_description, store, relation)"
                   " VALUES (%s, %s, %s, %s, 'base',"
                   " jsonb_build_object('en_US', %s::text), true, %s) RETURNING id",
                   [model, ids[model], name, ttype, name, relation])
        note(f"field_{table}__{name}", "ir.model.fields", cr.fetchone()[0])
for name, (key, value) in PARAMETERS.items():
    param = env["ir.config_parameter"].create({"key": key, "value": value})
    note(name, "ir.config_parameter", param.id, True)
for name, (model, arch) in VIEWS.items():
    cr.execute("INSERT INTO ir_ui_view (name, model, type, mode, priority, active,"
               " arch_db) VALUES (%s, %s, %s, 'primary', 16, true,"
               " jsonb_build_object('en_US', %s::text)) RETURNING id",
               [name, model, arch[1:].split(">")[0], arch])
    note(name, "ir.ui.view", cr.fetchone()[0])
for name, (title, model) in ACTIONS.items():
    cr.execute("INSERT INTO ir_act_window (name, res_model, view_mode, type, path,"
               " binding_type, target, context) VALUES (jsonb_build_object('en_US',"
               " %s::text), %s, 'list,form', 'ir.actions.act_window', NULL, 'action',"
               " 'current', '{}') RETURNING id", [title, model])
    note(name, "ir.actions.act_window", cr.fetchone()[0])
root = env["ir.ui.menu"].create({"name": "API Configuration",
                                 "parent_id": env.ref("base.menu_custom").id})
note("menu_action_api_configuration", "ir.ui.menu", root.id)
for name, (model, group, full) in RIGHTS.items():
    right = env["ir.model.access"].create({
        "name": name, "model_id": ids[model], "group_id": env.ref(group).id,
        "perm_read": True, "perm_write": full, "perm_create": full,
        "perm_unlink": full})
    note(name, "ir.model.access", right.id)
cr.execute("SELECT id FROM ir_model WHERE model = 'res.partner'")
cron = env["ir.cron"].create({
    "name": "API: Auto-vacuum API logs", "model_id": cr.fetchone()[0],
    "state": "code", "code": "model.autovacuum(45, chunk_size=10000)",
    "interval_number": 1, "interval_type": "days", "active": CRON_ACTIVE})
note("autovacuum_job", "ir.cron", cron.id, True)
cr.execute("UPDATE ir_act_server SET model_id = %s"
           " WHERE id = %s", [ids["api.log"], cron.ir_actions_server_id.id])
cr.commit()
print("LEGACY", ids["api.log"])
"""


def get_install_script(*, cron_active: bool) -> str:
    """Return a script for Odoo's shell that leaves what 18.0 leaves."""
    names = ("VERSION", "TABLES", "LOG_ACCESS", "PARAMETERS", "MODELS", "VIEWS")
    names += ("ACTIONS", "RIGHTS")
    given = "".join(f"{name} = {globals()[name]!r}\n" for name in names)
    return f"{given}CRON_ACTIVE = {cron_active}\n{INSTALL}"
