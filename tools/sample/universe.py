"""The symbols of the sample: levels that their paths run between, and how they move with the market."""

from __future__ import annotations

from typing import NamedTuple


class Member(NamedTuple):
    """A symbol whose path follows the market.

    Attributes:
        start: Rounded level of the first session, 2023-01-03.
        end: Rounded level of 2025-12-31.
        beta: Sensitivity to the S&P 500.
        sector: Sector fund whose own moves it shares.
        noise: Daily volatility of its own, in percent.
        shares: Shares outstanding in billions, rounded; 0 for an index.
        dividend: Yearly dividend as a share of the price, paid quarterly.
    """

    start: float
    end: float
    beta: float
    sector: str = ""
    noise: float = 0.3
    shares: float = 0.0
    dividend: float = 0.0


INDICES = {
    "^RUT": Member(1751, 2482, 1.10, noise=0.60),
    "^IXIC": Member(10387, 23242, 1.20, noise=0.35),
    "^NDX": Member(10863, 25250, 1.22, noise=0.38),
    "^DJI": Member(33136, 48063, 0.85, noise=0.30),
}
SECTORS = {
    "XLK": Member(62, 143.8, 1.30, noise=0.60, dividend=0.006),
    "XLF": Member(34.5, 54.5, 1.00, noise=0.55, dividend=0.014),
    "XLV": Member(136, 154.2, 0.60, noise=0.60, dividend=0.016),
    "XLY": Member(65, 119.2, 1.20, noise=0.55, dividend=0.008),
    "XLP": Member(74, 77.2, 0.40, noise=0.55, dividend=0.026),
    "XLE": Member(43, 45.2, 0.70, noise=1.00, dividend=0.033),
    "XLI": Member(98, 154.7, 1.00, noise=0.45, dividend=0.013),
    "XLB": Member(39, 45.1, 0.90, noise=0.60, dividend=0.018),
    "XLU": Member(35, 42.4, 0.40, noise=0.75, dividend=0.028),
    "XLRE": Member(37, 40.1, 0.75, noise=0.65, dividend=0.034),
    "XLC": Member(49, 117.3, 1.05, noise=0.55, dividend=0.010),
}
FUNDS = {
    "SPY": Member(380, 682, 1.00, noise=0.02, dividend=0.011),
    "RSP": Member(142, 192, 0.92, noise=0.25, dividend=0.016),
    "IWD": Member(152, 211, 0.80, noise=0.30, dividend=0.018),
    "IWF": Member(213, 476, 1.20, noise=0.30, dividend=0.005),
    "XLG": Member(270, 600, 1.10, noise=0.25, dividend=0.007),
    "SMH": Member(103, 365, 1.60, "XLK", noise=1.10, dividend=0.004),
    "IGV": Member(51, 106, 1.30, "XLK", noise=0.80),
    "GLD": Member(171, 396, 0.05, noise=0.95),
    "SLV": Member(22, 64, 1.30, noise=1.20),
    "HYG": Member(74, 80.7, 0.25, noise=0.15, dividend=0.058),
    "TLT": Member(101, 87, -0.05, noise=0.80, dividend=0.042),
    "LQD": Member(106, 110, 0.40, noise=0.15, dividend=0.044),
    "EFA": Member(66, 96, 0.75, noise=0.50, dividend=0.028),
    "EEM": Member(38, 55, 0.75, noise=0.65, dividend=0.024),
    "VNQ": Member(83, 88, 0.75, "XLRE", noise=0.20, dividend=0.038),
}
LEADERS = {"SLV": "GLD", "LQD": "TLT"}
"""Funds that move with another fund rather than with the stock market; their beta is to it."""

TRACKERS = {
    "QQQ": ("^NDX", 614.3, 0.005),
    "IWM": ("^RUT", 246.2, 0.011),
    "DIA": ("^DJI", 480.6, 0.014),
}
"""Funds that follow an index: the index, the level of 2025-12-31, the yearly dividend."""

SMALL_STYLES = {"IWN": Member(140, 181, 1.00, noise=0.30, dividend=0.018), "IWO": Member(214, 324, 1.05, noise=0.35)}
"""Small-cap value and growth; their beta is to the Russell 2000."""

STOCKS = {
    "AAPL": Member(125, 271.9, 1.10, "XLK", 1.1, 14.7, 0.004),
    "MSFT": Member(240, 483.6, 1.05, "XLK", 0.9, 7.43, 0.007),
    "NVDA": Member(14.3, 186.5, 1.90, "XLK", 1.9, 24.3, 0.0002),
    "GOOGL": Member(89, 313.0, 1.10, "XLC", 1.2, 12.1, 0.003),
    "AMZN": Member(86, 230.8, 1.25, "XLY", 1.3, 10.69),
    "META": Member(125, 660.1, 1.30, "XLC", 1.5, 2.52, 0.003),
    "TSLA": Member(108, 449.7, 1.80, "XLY", 2.6, 3.33),
    "AVGO": Member(55, 346, 1.60, "XLK", 1.9, 4.72, 0.008),
    "BRK-B": Member(309, 503, 0.70, "XLF", 0.7, 2.16),
    "LLY": Member(363, 1075, 0.50, "XLV", 1.7, 0.95, 0.005),
    "JPM": Member(135, 322, 1.00, "XLF", 0.9, 2.72, 0.02),
    "WMT": Member(48, 111.4, 0.50, "XLP", 0.9, 7.97, 0.009),
    "V": Member(207, 351, 0.85, "XLF", 0.8, 1.92, 0.007),
    "ORCL": Member(83, 195, 1.20, "XLK", 1.9, 2.87, 0.009),
    "MA": Member(348, 571, 0.90, "XLF", 0.8, 0.9, 0.005),
    "XOM": Member(106, 120, 0.50, "XLE", 0.8, 4.22, 0.033),
    "JNJ": Member(178, 207, 0.35, "XLV", 0.9, 2.41, 0.026),
    "NFLX": Member(29, 94, 1.10, "XLC", 1.8, 4.24),
    "COST": Member(453, 862, 0.70, "XLP", 1.0, 0.444, 0.006),
    "ABBV": Member(162, 228, 0.45, "XLV", 1.2, 1.77, 0.029),
    "HD": Member(316, 344, 0.90, "XLY", 1.0, 0.995, 0.027),
    "PG": Member(151, 143, 0.35, "XLP", 0.8, 2.34, 0.028),
    "BAC": Member(33, 55, 1.05, "XLF", 1.0, 7.4, 0.02),
    "GE": Member(52, 308, 1.10, "XLI", 1.3, 1.06, 0.005),
    "KO": Member(63, 70, 0.35, "XLP", 0.7, 4.3, 0.029),
    "UNH": Member(518, 330, 0.50, "XLV", 1.8, 0.906, 0.026),
    "CVX": Member(174, 152, 0.55, "XLE", 0.8, 2.0, 0.045),
    "CSCO": Member(47, 77, 0.90, "XLK", 1.0, 3.95, 0.021),
    "IBM": Member(141, 296, 0.75, "XLK", 1.2, 0.935, 0.023),
    "WFC": Member(41, 93, 1.05, "XLF", 1.1, 3.14, 0.018),
    "AMD": Member(64, 214, 1.80, "XLK", 2.2, 1.63),
    "CAT": Member(240, 573, 1.10, "XLI", 1.2, 0.468, 0.01),
    "PEP": Member(180, 143, 0.35, "XLP", 0.8, 1.37, 0.038),
    "MRK": Member(111, 105, 0.35, "XLV", 1.2, 2.48, 0.031),
    "CRM": Member(135, 265, 1.15, "XLK", 1.6, 0.937, 0.006),
    "ABT": Member(110, 125, 0.60, "XLV", 1.0, 1.74, 0.019),
    "TMO": Member(556, 579, 0.75, "XLV", 1.2, 0.376, 0.003),
    "LIN": Member(326, 426, 0.75, "XLB", 0.8, 0.467, 0.014),
    "MCD": Member(264, 306, 0.45, "XLY", 0.8, 0.712, 0.023),
    "DIS": Member(89, 114, 1.00, "XLC", 1.3, 1.79, 0.01),
    "NOW": Member(78, 153, 1.20, "XLK", 1.6, 1.04),
    "ISRG": Member(265, 566, 1.00, "XLV", 1.4, 0.355),
    "INTU": Member(389, 662, 1.10, "XLK", 1.4, 0.278, 0.007),
    "QCOM": Member(110, 171, 1.40, "XLK", 1.5, 1.07, 0.02),
    "GS": Member(345, 879, 1.20, "XLF", 1.0, 0.3, 0.016),
    "TXN": Member(163, 173, 1.15, "XLK", 1.2, 0.909, 0.031),
    "VZ": Member(40, 40.7, 0.30, "XLC", 1.0, 4.22, 0.066),
    "ADBE": Member(337, 350, 1.20, "XLK", 1.6, 0.419),
    "CMCSA": Member(36, 30, 0.70, "XLC", 1.2, 3.64, 0.042),
    "PFE": Member(51, 25, 0.40, "XLV", 1.1, 5.69, 0.068),
}
SPLITS = {"NVDA": ("2024-06-10", 10.0)}
"""Splits inside the sample: first session and new shares for one old."""
