"""The LibreOffice add-in: built from the registry, run by the user's own Python."""
