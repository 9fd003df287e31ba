"""Measures that only the papers' experiments need."""
