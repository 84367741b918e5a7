# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    api_log_housekeeping,
    api_transaction,
    res_partner,
    webhook_outbound_claim,
    webhook_outbound_outbox,
    webhook_outbound_result,
)
