# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The addon installed, used and uninstalled: the database is as it was before."""

from __future__ import annotations

from .rig import Rig

MODULE = "usability_webhooks"
#: What the addon needs stays; the database is compared with one that has it.
NEEDED = "base_automation,base_setup,web"

USE = """
import datetime
admin = env.ref("base.user_admin")
env = env(user=admin)
env["ir.config_parameter"].set_param("webhook.max_depth", "20")
endpoint = env["webhook.endpoint"].create({"name": "E", "url": "https://e.example.com/x"})
env["webhook.endpoint.header"].create({
    "endpoint_id": endpoint.id, "name": "Authorization", "value": "Bearer x"})
endpoint.action_new_secret()
endpoint.message_post(body="note")
endpoint._note_dead("test")
rule = env["webhook.outbound.rule"].create({
    "name": "R", "model_id": env["ir.model"]._get_id("res.partner"),
    "trigger_domain": "[('function', '=', 'go')]", "endpoint_source": "static",
    "endpoint_id": endpoint.id, "payload_fields": '{"n": "{name}"}'})
rule.copy({"active": False})
profile = env["api.access.profile"].create({"name": "P"})
keys = env["res.users.apikeys"].sudo()
tomorrow = datetime.datetime.now() + datetime.timedelta(1)
keys._generate_narrow(profile, "narrow", tomorrow)
cron = env.ref("usability_webhooks.ir_cron_webhook_sender_1")
cron.copy({"active": False})
env["res.partner"].create({"name": "Fires", "function": "go"})
env.cr.commit()
env.cr.execute("SELECT count(*) FROM webhook_outbound_delivery WHERE state = 'pending'")
print("PENDING", env.cr.fetchone()[0])
"""
UNINSTALL = """
module = env["ir.module.module"].search([("name", "=", "usability_webhooks")])
try:
    module.button_immediate_uninstall()
except Exception as exc:
    env.cr.rollback()
    print("REFUSED", exc)
else:
    print("REMOVED")
"""
#: Straight to the hook, as a script that marks the module itself would.
FORCE = """
env.cr.execute("UPDATE ir_module_module SET state = 'to remove'"
               " WHERE name = 'usability_webhooks'")
env.cr.commit()
from odoo.orm.registry import Registry
Registry.new(env.cr.dbname, update_module=True)
print("REMOVED")
"""
#: Everything an addon can leave behind. Ids differ, names must not.
SNAPSHOT = {
    "columns": "SELECT table_name || '.' || column_name FROM"
    " information_schema.columns WHERE table_schema = 'public'",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "sequences": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "functions": "SELECT proname FROM pg_proc p JOIN pg_namespace n"
    " ON n.oid = p.pronamespace WHERE n.nspname = 'public'",
    "constraints": "SELECT conname FROM pg_constraint",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model || '.' || name FROM ir_model_fields",
    "parameters": "SELECT key FROM ir_config_parameter",
    "views": "SELECT name || COALESCE(model, '') FROM ir_ui_view",
    "menus": "SELECT name::text FROM ir_ui_menu",
    "actions": "SELECT type || name::text FROM ir_actions",
    "groups": "SELECT name::text FROM res_groups",
    "rules": "SELECT name FROM ir_rule",
    "rights": "SELECT name FROM ir_model_access",
    "crons": "SELECT cron_name FROM ir_cron",
    "automations": "SELECT name::text FROM base_automation",
    "keys": "SELECT name FROM res_users_apikeys",
    "activities": "SELECT res_model FROM mail_activity",
    "messages": "SELECT DISTINCT model FROM mail_message WHERE model LIKE 'webhook.%%'"
    " OR model LIKE 'api.%%'",
    "followers": "SELECT DISTINCT res_model FROM mail_followers"
    " WHERE res_model != 'res.partner'",
    "attachments": "SELECT DISTINCT res_model FROM ir_attachment",
    "external ids": "SELECT module || name FROM ir_model_data WHERE module ="
    " 'usability_webhooks'",
}


class UsedRig(Rig):
    """A database that had what the addon needs, then the addon, in use."""

    def create(self) -> None:
        """Install what is needed, look, install the addon and use it."""
        self.orders.mkdir(parents=True)
        self._copy_template()
        self._odoo("--init", NEEDED, "--stop-after-init", "--workers", "0")
        self.before = self.look()
        self._odoo("--init", MODULE, "--stop-after-init", "--workers", "0")
        output = self.shell(USE)
        assert "PENDING 1" in output, output

    def shell(self, script: str, log: str = "") -> str:
        """Run a script in Odoo's shell and return what it printed."""
        options = ("--logfile", str(self.folder / log)) if log else ()
        return self._odoo(
            "shell", "--no-http", "--workers", "0", *options, stdin=script
        )

    def look(self) -> dict[str, list[str]]:
        """Return the names of everything an addon can leave behind."""
        return {
            what: sorted(str(name) for (name,) in self.select(query))
            for what, query in SNAPSHOT.items()
        }


def test_uninstalling_leaves_nothing_behind(_rig: Rig) -> None:
    """It is refused while a delivery waits; forced, it says what is lost."""
    rig = UsedRig("uninstall")
    try:
        rig.create()
        output = rig.shell(UNINSTALL)
        assert "REFUSED 1 webhook deliveries" in output, output
        query = "SELECT state FROM ir_module_module WHERE name = %s"
        assert rig.select(query, MODULE) == [("installed",)]
        message = rig.select("SELECT message_id FROM webhook_outbound_delivery")[0][0]
        output = rig.shell(FORCE, log="forced.log")
        assert "REMOVED" in output, output
        log = (rig.folder / "forced.log").read_text()
        assert "1 webhook deliveries will never be made" in log
        assert f"not delivered: {message} res.partner.created" in log
        after = rig.look()
        for what, names in rig.before.items():
            left = [name for name in after[what] if name not in set(names)]
            lost = [name for name in names if name not in set(after[what])]
            assert not left and not lost, (what, left, lost)
    finally:
        rig.drop()
