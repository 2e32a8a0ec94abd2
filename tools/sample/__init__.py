"""How the embedded sample data are made."""
