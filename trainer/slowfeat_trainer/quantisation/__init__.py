"""Smaller numbers for robots: int8 and float16 models, and what they cost and win."""
