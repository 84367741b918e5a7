# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A dry run answers as the real request would, and nothing is left of it."""

from __future__ import annotations

import base64
from pathlib import Path

from odoo.tests import mute_logger, tagged
from odoo.tools.misc import file_open

from .common import HostileCase
from .test_api_payload_attachment import file_of


def read_image() -> str:
    """Return a picture as the wire has it, in base64."""
    with file_open("base/static/img/avatar.png", "rb") as image:
        return base64.b64encode(image.read()).decode()


def without_ids(value: object) -> object:
    """Return ``value`` without ids, for these are a dry run's one difference."""
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    if isinstance(value, dict):
        return {
            key: without_ids(item)
            for key, item in value.items()
            if key not in ("id", "ids")
        }
    return value


class DryRunCase(HostileCase):
    """Tries requests and compares tables and files before and after."""

    def list_files(self) -> set[tuple[str, int]]:
        """Return the name and size of each file in the filestore."""
        root = Path(self.env["ir.attachment"]._filestore())
        return {
            (str(path.relative_to(root)), path.stat().st_size)
            for path in root.rglob("*")
            if path.is_file()
        }

    # pylint: disable-next=too-many-arguments
    def try_out(
        self, route: str, model: str, vals: dict, headers: dict | None = None
    ) -> dict:
        """Send a request as a dry run; check that it leaves nothing but its row.

        :returns: the envelope.
        """
        before = self.take_fingerprint(), self.list_files()
        status, answer = self.call(route, model, vals | {"dry_run": True}, headers)
        self.assertEqual(status, 200, answer)
        self.assertEqual((self.take_fingerprint(), self.list_files()), before)
        answer = answer["result"]
        state = "tried" if "dry_run" in answer else "failed"
        self.assertEqual(self.get_log(answer["request_id"]).mapped("state"), [state])
        return answer

    def try_ok(self, route: str, model: str, vals: dict, **kwargs) -> dict:
        """Send a dry run that must succeed; return the envelope."""
        answer = self.try_out(route, model, vals, **kwargs)
        self.assertSuccess(answer)
        self.assertIs(answer["dry_run"], True)
        return answer


@tagged("post_install", "-at_install")
class TestDryRun(DryRunCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Old", "ref": "DRY"})
        cls.child = cls.partner.create({"name": "Kid", "parent_id": cls.partner.id})

    def test_create_with_lines_files_and_auto_create(self) -> None:
        payload = {
            "name": "New",
            "image_1920": read_image(),
            "category_id": {"records": [{"name": "Dry"}]},
            "country_id": {"code": "BE"},
            "attachment_ids": [file_of("dry run top")],
            "child_ids": [{"name": "A", "attachment_ids": [file_of("dry line")]}],
        }
        vals = {
            "payload": payload,
            "auto_create": {"category_id": {"color": 3}},
            "result_field": [
                "commercial_partner_id",
                "category_id",
                "country_id{code}",
                "child_ids{name, parent_id{name}}",
            ],
        }
        answer = self.try_ok("create_data", "res.partner", vals)
        parent = [{"id": None, "name": "New"}]
        belgium = self.env.ref("base.be")
        self.assertEqual(
            answer["result"],
            {
                "id": None,
                "operation": "created",
                "commercial_partner_id": [None, "New"],
                "category_id": [None],
                "country_id": [{"id": belgium.id, "code": "BE"}],
                "child_ids": [{"id": None, "name": "A", "parent_id": parent}],
            },
        )
        made = [{"path": "auto_create.category_id", "model": "res.partner.category"}]
        made[0]["id"] = None
        self.assertEqual(answer["created"], made)
        _status, real = self.call("create_data", "res.partner", vals)
        self.assertGreater(real["result"]["result"]["id"], 0)
        self.assertNotIn("dry_run", real["result"])

    def test_a_batch_says_what_it_would_do_with_each_record(self) -> None:
        records = [
            {"ref": 1, "search_key": {"ref": "DRY"}, "payload": {"name": "Other"}},
            {"ref": 2, "search_key": {"ref": "DRY-2"}, "payload": {"name": "New"}},
            {"ref": 3, "search_key": {"ref": "DRY-3"}, "payload": {"name": []}},
        ]
        vals = {"records": records, "on_error": "continue"}
        answer = self.try_out("create_update_data", "res.partner", vals)
        self.assertFalse(answer["is_success"])
        updated, created, failed = answer["result"]
        self.assertEqual(updated["operation"], "updated")
        self.assertEqual(updated["id"], self.partner.id)
        self.assertEqual(created["operation"], "created")
        self.assertIsNone(created["id"])
        self.assertEqual(created["ids"], [])
        self.assertFalse(failed["is_success"])

    def test_each_record_of_a_list_is_without_an_id(self) -> None:
        vals = {"payload": [{"name": "A"}, {"name": "B"}], "result_field": ["name"]}
        answer = self.try_ok("create_data", "res.partner", vals)
        rows = [
            {"id": None, "name": name, "operation": "created"} for name in ("A", "B")
        ]
        self.assertEqual(answer["result"], rows)
        log = self.get_log(answer["request_id"])
        self.assertRecordValues(
            log,
            [{"record_count": 2, "res_id": 0, "res_ids": False, "res_model": False}],
        )

    def test_update_tells_real_ids_and_new_values(self) -> None:
        vals = {
            "search_key": {"ref": "DRY"},
            "payload": {
                "name": "New",
                "child_ids": {"mode": "add", "records": [{"name": "Late"}]},
            },
            "result_field": ["name", "child_ids{name}"],
        }
        answer = self.try_ok("update_data", "res.partner", vals)
        children = [{"id": self.child.id, "name": "Kid"}, {"id": None, "name": "Late"}]
        expected = {"ref": "DRY", "id": [self.partner.id], "name": "New"}
        expected |= {"operation": "updated", "child_ids": children}
        self.assertEqual(answer["result"], expected)
        self.assertEqual(self.partner.name, "Old")

    def test_upsert_both_ways(self) -> None:
        vals = {"search_key": {"ref": "DRY"}, "payload": {"name": "New"}}
        answer = self.try_ok("create_update_data", "res.partner", vals)
        ids = [self.partner.id]
        expected = {"ref": "DRY", "operation": "updated", "id": ids, "ids": ids}
        self.assertEqual(answer["result"], expected)
        vals["search_key"] = {"ref": "NEW"}
        answer = self.try_ok("create_update_data", "res.partner", vals)
        expected = {"operation": "created", "id": None, "ids": []}
        self.assertEqual(answer["result"], expected)

    def test_real_request_afterwards_gives_the_same_values(self) -> None:
        vals = {
            "search_key": {"ref": "SAME"},
            "payload": {"name": "New", "email": "New@Example.com"},
            "result_field": ["email_normalized", "lang", "display_name"],
        }
        tried = self.try_ok("create_update_data", "res.partner", vals)
        real = self.call_ok("create_update_data", "res.partner", vals)
        self.assertEqual(without_ids(tried["result"]), without_ids(real))
        tried = self.try_ok("create_update_data", "res.partner", vals)
        real = self.call_ok("create_update_data", "res.partner", vals)
        self.assertEqual(tried["result"], real)
        self.assertEqual(real["operation"], "unchanged")

    @mute_logger("odoo.sql_db")
    def test_error_is_the_real_ones(self) -> None:
        for payload in (
            {"name": "New", "parent_id": {"ref": "nobody"}},
            {"ref": "no name, which a constraint of the table asks for"},
            {"name": "New", "no_such_field": 1},
        ):
            vals = {"payload": payload}
            tried = self.try_out("create_data", "res.partner", vals)
            _status, real = self.call("create_data", "res.partner", vals)
            self.assertFalse(tried["is_success"], tried)
            self.assertEqual(tried["errors"], real["result"]["errors"])
            self.assertNotIn("dry_run", tried)

    def test_a_misspelt_dry_run_is_never_dropped(self) -> None:
        self.env["ir.config_parameter"].set_param("webhook.unknown_fields", "ignore")
        for key in ("dryrun", "dry-run", "dryRun", "DRY_RUN"):
            vals = {"payload": {"name": "New"}, key: True}
            _status, answer = self.call("create_data", "res.partner", vals)
            self.assertFailure(answer["result"], "unknown_key", key)

    def test_files_of_existing_records_are_kept(self) -> None:
        self.partner.image_1920 = read_image()
        values = {"res_model": "res.partner", "res_id": self.partner.id}
        file = self.env["ir.attachment"].create(
            values | {"name": "kept", "raw": b"kept over a dry run"}
        )
        # A new file is on the list of the garbage collection already.
        store = Path(self.env["ir.attachment"]._filestore())
        (store / "checklist" / file.store_fname).unlink(missing_ok=True)
        key = {"search_key": {"ref": "DRY"}}
        vals = key | {
            "payload": {"image_1920": False, "attachment_ids": [file_of("another")]},
            "result_field": ["image_1920"],
        }
        answer = self.try_ok("update_data", "res.partner", vals)
        self.assertFalse(answer["result"]["image_1920"])
        vals = {"search_key": {"id": file.id}, "payload": {"method": "unlink"}}
        self.try_ok("call_function", "ir.attachment", vals)
        vals = {
            "search_key": {"id": file.id},
            "payload": {"datas": base64.b64encode(b"other").decode()},
            "result_field": ["file_size"],
        }
        answer = self.try_ok("update_data", "ir.attachment", vals)
        self.assertEqual(answer["result"]["file_size"], 5)
        self.assertEqual(file.raw, b"kept over a dry run")
        self.assertTrue(self.partner.image_1920)

    def test_stored_files_can_be_read(self) -> None:
        file = self.env["ir.attachment"].create(
            {"name": "f", "raw": b"in the filestore", "res_model": "res.partner"}
            | {"res_id": self.partner.id}
        )
        self.assertTrue(file.store_fname)
        vals = {"search_key": {"id": file.id}, "payload": {"name": "g"}}
        vals["result_field"] = ["datas"]
        answer = self.try_ok("update_data", "ir.attachment", vals)
        datas = base64.b64decode(answer["result"]["datas"])
        self.assertEqual(datas, b"in the filestore")

    def test_what_a_method_makes_has_no_id(self) -> None:
        vals = {"search_key": {"ref": "DRY"}, "payload": {"method": "copy"}}
        answer = self.try_ok("call_function", "res.partner", vals)
        self.assertEqual(answer["result"], [None])
        parameter = {"domain": [["ref", "=", "DRY"]]}
        vals = {"payload": {"method": "search", "parameter": parameter}}
        answer = self.try_ok("call_function", "res.partner", vals)
        self.assertEqual(answer["result"], [self.partner.id])

    def test_search_is_as_ever(self) -> None:
        payload = {"search_field": ["name"], "search_domain": [["ref", "=", "DRY"]]}
        answer = self.try_ok("search_data", "res.partner", {"payload": payload})
        expected = [{"id": self.partner.id, "name": "Old"}]
        self.assertEqual(answer["result"], expected)

    def test_only_true_is_a_dry_run(self) -> None:
        for value in ("true", "false", 1, [], {}):
            vals = {"payload": {"name": "N", "ref": "FALSE"}, "dry_run": value}
            _status, answer = self.call("create_data", "res.partner", vals)
            self.assertFailure(answer["result"], "invalid_value", "dry_run")
        self.assertFalse(self.env["res.partner"].search([("ref", "=", "FALSE")]))
        for value in (False, None):
            vals["dry_run"] = value
            result = self.call_ok("create_data", "res.partner", vals)
            self.assertTrue(self.env["res.partner"].browse(result["id"]).exists())
