"""The commands, a module for each: what it takes (``declare``), and what it does (``run``).

A module is loaded when its command is asked for. Declaring is light; what the work needs is imported by the work.
"""
