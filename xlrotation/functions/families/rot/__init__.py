"""ROT: sector, size and style rotation."""
