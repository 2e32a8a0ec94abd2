"""UNI: universes and their members."""
