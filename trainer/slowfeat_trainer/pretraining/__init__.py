"""Starter weights: what can be learned of seeing and moving before the first bag, from simulated drives."""
