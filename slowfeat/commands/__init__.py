"""Subcommands of the program `slowfeat` that run on the robot."""
