# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The receiver of the addon's own tests, without Odoo around it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_ADDON = Path(__file__).resolve().parent.parent / "usability_webhooks"
_SPEC = importlib.util.spec_from_file_location(
    "webhook_receiver", _ADDON / "tests/webhook_receiver.py"
)
_MODULE = importlib.util.module_from_spec(_SPEC)
# Where dataclasses look for the module of a class.
sys.modules[_SPEC.name] = _MODULE
_SPEC.loader.exec_module(_MODULE)

Receiver, Received = _MODULE.Receiver, _MODULE.Received
