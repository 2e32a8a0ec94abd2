"""DISP: dispersion and correlation."""
