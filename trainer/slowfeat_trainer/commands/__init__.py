"""Subcommands of the program `slowfeat` that run offline: cheap to import, heavy inside `run`."""
