# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    res_users_apikeys_description,  # first: api_key_issue is made after it
    api_access_preset,
    api_key_issue,
    api_key_rotate,
    api_log_erasure,
    api_log_replay,
    webhook_resend,
    webhook_secret_show,
)
