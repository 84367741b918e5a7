# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Webhook benchmarks (bench only)",
    "summary": "Data and stop watches of `make bench`; never install it elsewhere",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "license": "LGPL-3",
    "author": "usability_webhooks authors",
    "depends": ["usability_webhooks", "sale_management"],
    "installable": True,
}
