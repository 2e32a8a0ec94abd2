"""VOL: volatility."""
