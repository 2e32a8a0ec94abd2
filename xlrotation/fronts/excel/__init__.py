"""Excel for Windows: what is generated for it, what is set up, and what its cells call."""
