# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database of the first 19.0 updated in place, by the real ``-u``."""

from __future__ import annotations

import json

from .rig import Rig

MODULE = "usability_webhooks"
VERSION = "19.0.1.0.0"
#: The tables of that version, and what its log had beside the id.
TABLES = ("api_log", "api_log_payload", "api_log_replay")
LOG_COLUMNS = (
    *("create_uid", "create_date", "write_uid", "write_date", "log_type", "state"),
    *("request_id", "route", "model", "method", "res_model", "res_id", "res_ids"),
    *("record_count", "user_id", "company_id", "api_key_id", "api_key_name"),
    *("remote_addr", "user_agent", "worker", "http_status", "error_code"),
    *("error_path", "error_message", "traceback", "duration", "query_count"),
    *("attempts", "data_preview", "data_size", "result_preview", "result_size"),
    *("is_masked", "callback_url", "replay_of_id"),
)
ROUTES = [
    f"/api/{verb}"
    for verb in (
        *("create_data", "update_data", "create_update_data"),
        *("search_data", "call_function"),
    )
]
#: The form of that version, as far as its views were one: today's are several.
FORM = (
    '<form create="0" edit="0"><sheet><group><field name="state"/>'
    '<field name="route"/></group></sheet></form>'
)
#: Run in Odoo's shell on a database with today's module: takes away what that version
#: had not, and puts back what it had and today's has not.
TURN_BACK = """
cr = env.cr
cr.execute("SELECT m.model FROM ir_model m JOIN ir_model_data d ON d.res_id = m.id"
           " WHERE d.model = 'ir.model' AND d.module = %s", [MODULE])
models = [name for name, in cr.fetchall() if name in env]
tables = {env[name]._table for name in models
          if env[name]._auto and not env[name]._abstract}
cr.execute("SELECT table_name FROM information_schema.tables"
           " WHERE table_schema = current_schema AND table_type = 'BASE TABLE'")
there = {name for name, in cr.fetchall()}
foreign = {env[name]._table for name in models
           if name.startswith(("res.", "ir.", "base"))}
gone = sorted((tables & there) - set(TABLES) - foreign)
for table in gone:
    cr.execute(f'DROP TABLE "{table}" CASCADE')
cr.execute("SELECT column_name FROM information_schema.columns"
           " WHERE table_schema = current_schema AND table_name = 'api_log'")
newer = {name for name, in cr.fetchall()} - {"id", *LOG_COLUMNS}
for name in sorted(newer):
    cr.execute(f'ALTER TABLE api_log DROP COLUMN "{name}" CASCADE')
field = env["ir.model.fields"]._get("api.log", "route").id
cr.execute("UPDATE ir_model_fields SET ttype = 'selection' WHERE id = %s", [field])
for sequence, value in enumerate(ROUTES):
    cr.execute("INSERT INTO ir_model_fields_selection (field_id, value, name, sequence)"
               " VALUES (%s, %s, jsonb_build_object('en_US', %s::text), %s)"
               " RETURNING id", [field, value, value, sequence])
    name = "selection__api_log__route__" + value.replace("/", "_")
    cr.execute("INSERT INTO ir_model_data (module, name, model, res_id, noupdate)"
               " VALUES (%s, %s, 'ir.model.fields.selection', %s, false)",
               [MODULE, name, cr.fetchone()[0]])
cr.execute("DELETE FROM ir_ui_view v USING ir_model_data d WHERE d.res_id = v.id AND"
           " d.model = 'ir.ui.view' AND d.module = %s AND v.inherit_id IN ("
           " SELECT res_id FROM ir_model_data WHERE module = %s"
           " AND name = 'api_log_view_form')", [MODULE, MODULE])
cr.execute("UPDATE ir_ui_view v SET arch_db = jsonb_build_object('en_US', %s::text)"
           " FROM ir_model_data d WHERE d.res_id = v.id AND d.model = 'ir.ui.view'"
           " AND d.module = %s AND d.name = 'api_log_view_form'", [FORM, MODULE])
cr.execute("INSERT INTO api_log (log_type, state, request_id, route, model,"
           " data_preview, create_date) VALUES ('receive', 'done', 'early',"
           " '/api/create_data', 'res.partner', '{}', now() AT TIME ZONE 'utc')")
cr.execute("UPDATE ir_module_module SET latest_version = %s WHERE name = %s",
           [VERSION, MODULE])
cr.commit()
print("TURNED " + json.dumps([len(gone), len(newer)]))
"""


def test_database_of_the_first_19_0_updates_in_place(_rig: Rig) -> None:
    """Rows kept, a selection that is text now cleared away, and the gateway at work."""
    rig = Rig("early")
    try:
        rig.create()
        given = {name: globals()[name] for name in ("MODULE", "VERSION", "TABLES")}
        given |= {"LOG_COLUMNS": LOG_COLUMNS, "ROUTES": ROUTES, "FORM": FORM}
        head = "".join(f"{name} = {value!r}\n" for name, value in given.items())
        output = rig.run_shell(f"import json\n{head}{TURN_BACK}")
        tables, columns = json.loads(output.rpartition("TURNED ")[2])
        assert tables >= 10 and columns >= 8, (tables, columns)
        rig._odoo("--update", MODULE, "--stop-after-init", "--workers", "0")
        _check(rig)
    finally:
        rig.stop_servers()
        rig.drop()


def _check(rig: Rig) -> None:
    query = "SELECT state, route, model FROM api_log WHERE request_id = 'early'"
    assert rig.select(query) == [("done", "/api/create_data", "res.partner")]
    query = (
        "SELECT 1 FROM ir_model_fields_selection s JOIN ir_model_fields f"
        " ON f.id = s.field_id WHERE f.model = 'api.log' AND f.name = 'route'"
    )
    assert not rig.select(query)
    query = (
        "SELECT 1 FROM ir_model_data WHERE module = %s AND name LIKE %s"
        " AND model = 'ir.model.fields.selection'"
    )
    assert not rig.select(query, MODULE, "selection\\_\\_api\\_log\\_\\_route%")
    query = (
        "SELECT ttype FROM ir_model_fields WHERE model = 'api.log' AND name = 'route'"
    )
    assert rig.select(query) == [("char",)]
    query = "SELECT latest_version, state FROM ir_module_module WHERE name = %s"
    [(version, state)] = rig.select(query, MODULE)
    assert (version != VERSION, state) == (True, "installed"), (version, state)
    rig.start_server()
    vals = {"payload": {"name": "Updated"}}
    answer = rig.call("create_data", "res.partner", vals)["result"]
    assert answer["is_success"], answer
    query = "SELECT state FROM api_log WHERE request_id = %s"
    assert rig.select(query, answer["request_id"]) == [("done",)]
