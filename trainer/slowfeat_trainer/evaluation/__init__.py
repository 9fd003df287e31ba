"""Metrics of science.md as pure functions, and the maps that are refitted for every method alike."""
