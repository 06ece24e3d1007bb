"""Round-trip charges of an NSE stock option, two orders (reference/market.md section 3), in rupees."""

from datetime import date
from decimal import Decimal

BROKERAGE_PER_ORDER = Decimal(20)
SEBI_FEE = Decimal("0.000001")
STAMP_ON_BUY = Decimal("0.00003")
GST = Decimal("0.18")
# From this date: STT on the sale, exchange charge with IPFT on the turnover.
RATES = (
    (date(2026, 4, 1), Decimal("0.0015"), Decimal("0.0003553")),
    (date(2024, 10, 1), Decimal("0.001"), Decimal("0.0003553")),
    (date.min, Decimal("0.000625"), Decimal("0.000505")),
)


def round_trip(day: date, buy: Decimal, sell: Decimal, quantity: int) -> Decimal:
    """The unrounded charges (G1) of buying and selling `quantity` at these prices on `day`."""
    stt_rate, exchange_rate = next((stt, exchange) for since, stt, exchange in RATES if day >= since)
    bought, sold = buy * quantity, sell * quantity
    turnover = bought + sold
    taxed = 2 * BROKERAGE_PER_ORDER + exchange_rate * turnover + SEBI_FEE * turnover
    return taxed + GST * taxed + stt_rate * sold + STAMP_ON_BUY * bought
