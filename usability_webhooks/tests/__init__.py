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
from . import test_api_context, test_api_method_call
from . import test_api_payload_attachment, test_api_payload_collector
from . import test_api_payload_resolver, test_api_record_lookup
from . import test_api_record_reader, test_api_record_search, test_auto_create
from . import test_business_account, test_business_product, test_business_purchase
from . import test_business_sale, test_business_stock_project, test_query_budget
from . import test_api_report_print
