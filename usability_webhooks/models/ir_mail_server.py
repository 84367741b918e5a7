# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from odoo import models


class SilentSession:
    """Stands in for a connection to a mail server; takes all mail, sends none."""

    def send_message(self, *args, **kwargs) -> dict:
        """Return what smtplib does when no recipient was refused."""
        return {}

    def sendmail(self, *args, **kwargs) -> dict:
        """See ``send_message``."""
        return {}

    def quit(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class IrMailServer(models.Model):
    """Sends nothing while a request is only tried.

    Most mail is sent after COMMIT and is never due; this is for the mail that
    business code sends at once.
    """

    _inherit = "ir.mail_server"

    def _connect__(self, *args, **kwargs):
        """Return a session as ever, or one that keeps everything to itself.

        Any mail server counts as working then: none is asked.
        """
        if self.env["api.dry.run"]._is_on():
            return SilentSession()
        return super()._connect__(*args, **kwargs)
