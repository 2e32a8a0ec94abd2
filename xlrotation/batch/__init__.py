"""Many exports at once: books by dates by parameters, on this machine or on a cluster."""

TIMEOUT = 900.0
"""Seconds after which a job is taken to hang."""
