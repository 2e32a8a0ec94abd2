"""Refresh: ask the providers for what a store lacks, and say what came of it."""
