"""Assistants: the worksheet functions as tools of the Model Context Protocol, for reading only."""
