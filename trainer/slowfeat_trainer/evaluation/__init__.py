"""Bundles judged on held-out data: comparisons, baselines, reference
models, the tables of results.
"""
