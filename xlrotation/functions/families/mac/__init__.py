"""MAC: macro and credit stress."""
