"""The functions from Python: what ``import xlrotation`` gives, loaded when it is first asked for."""
