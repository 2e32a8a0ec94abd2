"""FLOW: fund flows."""
