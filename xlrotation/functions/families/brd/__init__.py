"""BRD: breadth and concentration."""
