"""The audit of any market report: its figures found, bound to what they mean, computed, and judged."""
