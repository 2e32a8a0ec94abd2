"""Excel worksheet functions for market rotation, dispersion, volatility regimes, breadth, flows and macro stress."""

__version__ = "0.1.0"
