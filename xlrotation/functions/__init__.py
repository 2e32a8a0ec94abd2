"""The worksheet functions, a module per family, and the registry that they are declared in."""
