# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "REST API for Webhook",
    "summary": "The integration gateway: create, update, upsert, search and call "
    "in business keys, with every request on a log",
    "version": "19.0.1.0.0",
    "category": "Technical",
    "license": "LGPL-3",
    "author": "usability_webhooks authors",
    "depends": ["web", "base_setup", "base_automation"],
    # OCA's api_log owns the same model name; two definitions replace each other.
    "excludes": ["api_log"],
    "data": [
        "security/res_groups.xml",
        "security/ir.model.access.csv",
        "security/ir_rule.xml",
        "data/ir_config_parameter.xml",
        "data/ir_cron.xml",
        "data/ir_cron_webhook.xml",
        "views/api_access_profile_views.xml",
        "views/api_key_views.xml",
        "views/api_key_wizard_views.xml",
        "views/api_log_payload_views.xml",
        "views/api_log_search_views.xml",
        "views/api_log_views.xml",
        "views/api_log_action.xml",
        "views/api_log_replay_views.xml",
        "views/res_config_settings_views.xml",
        "views/res_users_views.xml",
        "views/webhook_resend_views.xml",
        "views/webhook_outbound_delivery_views.xml",
        "views/webhook_secret_show_views.xml",
        "views/webhook_endpoint_views.xml",
        "views/webhook_outbound_rule_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_tests": ["usability_webhooks/static/tests/tours/**/*.js"],
    },
    "installable": True,
}
