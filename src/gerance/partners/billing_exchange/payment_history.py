"""What partners said became of bills, read from the log again: the table `partner_payment`."""

from collections.abc import Iterable

from gerance.kernel.db import Connection
from gerance.kernel.log.writer import Projection
from gerance.partners.lifecycle.events import PartnerCustomerEvent, PaymentReported

_CASTS = tuple(
    dict.fromkeys(("partner", "client_id", "period", "status", "reason"), "text").items()
)
_KEEP = (
    "INSERT INTO partner_payment (partner, client_id, period, status, reason)"
    " SELECT r.partner, r.client_id, r.period, r.status, r.reason FROM {rows} r"
    ' ORDER BY r.partner, r.client_id COLLATE "C", r.period'
    " ON CONFLICT (partner, client_id, period) DO UPDATE"
    " SET status = excluded.status, reason = excluded.reason"
)


def payments(events: Iterable[PartnerCustomerEvent]) -> Projection:
    """The rows that the events of one customer make: the last word on each month."""
    last = {event.month: event for event in events if isinstance(event, PaymentReported)}
    return Projection(
        _KEEP,
        _CASTS,
        [
            {
                "partner": report.partnerCode,
                "client_id": report.clientId,
                "period": f"{month:%Y-%m}",
                "status": report.status,
                "reason": report.reason or "",
            }
            for month, report in last.items()
        ],
    )


async def remove_strays(connection: Connection) -> None:
    """Remove what no event says."""
    await connection.execute(
        "DELETE FROM partner_payment p WHERE NOT EXISTS (SELECT FROM partner_customer c"
        " JOIN event e ON e.category = 'partner_customer' AND e.stream = c.uid"
        " AND e.event_type = 'PaymentReported' AND left(e.data ->> 'month', 7) = p.period"
        " WHERE c.partner = p.partner AND c.client_id = p.client_id)"
    )
