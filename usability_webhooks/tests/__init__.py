# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    test_api_transaction,
    test_authentication,
    test_client_18,
    test_envelope,
    test_gc,
    test_hostile_input,
    test_transport,
    test_wire_call_function,
    test_wire_create_data,
    test_wire_create_update_data,
    test_wire_search_data,
    test_wire_update_data,
)
from . import test_api_log, test_api_log_redaction
from . import test_api_log_replay, test_api_settings
from . import test_access, test_public_surface, test_res_users
from . import test_api_record_diff, test_api_upsert_guard
