# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import controllers, models, wizards
from .hooks import uninstall_hook
