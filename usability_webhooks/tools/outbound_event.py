# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened to a record, on its way from a rule to the outbox."""

from __future__ import annotations

import dataclasses
import datetime
import json

STANDARD = "standard"
DATA = "data"


class UnwritableData(ValueError):
    """What a payload holds is no JSON: a key that is no text, a circle."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lost:
    """In the place of a payload that could not be made.

    :param reason: for a person.
    """

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class OutboundEvent:
    """One change of one record, for one endpoint.

    :param rule_id: the rule it matched; None for a test.
    :param url: where it goes, fixed when the change happens.
    :param event_type: ``sale.order.updated``, or what the rule says.
    :param kind: ``created``, ``updated``, ``deleted``, ``archived``, ``unarchived``,
        ``due`` or ``test``.
    :param data: what the rule's template made of the record, fit for JSON; ``Lost``
        where it could not.
    :param body_format: ``standard`` has an envelope around the data, ``data`` is the
        data alone, as 18.0 sent it.
    """

    rule_id: int | None
    endpoint_id: int
    url: str
    event_type: str
    kind: str
    res_model: str
    res_id: int
    company_id: int | None
    data: object
    body_format: str = STANDARD

    def follow(self, kind: str, event_type: str) -> OutboundEvent:
        """Return the event that tells of an earlier one of the same record too.

        Of a record that was created and then updated in one transaction nobody has
        heard yet: to the receiver it was created, as it is now.

        :param kind: of the earlier one, as ``event_type``.
        """
        if (kind, self.kind) != ("created", "updated"):
            return self
        return dataclasses.replace(self, kind=kind, event_type=event_type)

    def to_body(self, occurred_at: datetime.datetime, sequence: int) -> str:
        """Return the text that is sent, at every attempt the same.

        :param occurred_at: in UTC, without a time zone.
        :param sequence: rises with each event of one record.
        :raises UnwritableData: the data cannot be said in JSON.
        """
        content = self.data
        if self.body_format != DATA:
            content = {
                "type": self.event_type,
                "timestamp": f"{occurred_at.isoformat(timespec='milliseconds')}Z",
                "sequence": sequence,
                "record": {"model": self.res_model, "id": self.res_id},
                "data": self.data,
            }
        # NaN is no JSON; 18.0 sent it all the same.
        allow_nan = self.body_format == DATA
        try:
            text = json.dumps(
                content, ensure_ascii=False, allow_nan=allow_nan, default=str
            )
            text.encode()
        except UnicodeEncodeError:
            # Half a surrogate pair has no UTF-8; escaped it is JSON as any other.
            return json.dumps(content, allow_nan=allow_nan, default=str)
        except (TypeError, ValueError, RecursionError) as exc:
            raise UnwritableData(str(exc)) from exc
        return text
