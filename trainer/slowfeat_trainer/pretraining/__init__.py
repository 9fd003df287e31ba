"""Starter weights, learned from simulated drives before the first bag."""
