"""PX: prices."""
