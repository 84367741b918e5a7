# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What ends the demo."""


class DemoFailure(Exception):
    """Something did not do what it should; the text says what, and the answer."""


def expect(holds: object, what: str, seen: object = None) -> None:
    """:raises DemoFailure: unless ``holds``; names ``what`` was expected."""
    if not holds:
        raise DemoFailure(f"expected {what}; got {seen!r}")
