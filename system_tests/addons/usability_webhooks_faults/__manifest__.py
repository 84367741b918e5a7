# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Webhook faults (system tests only)",
    "summary": "Strikes the gateway at its checkpoints; never install it elsewhere",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "license": "LGPL-3",
    "author": "usability_webhooks authors",
    "depends": ["usability_webhooks"],
    "installable": True,
}
