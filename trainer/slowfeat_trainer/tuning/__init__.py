"""Automatic choice of hyper-parameters: by temporal coherence (G), or
greedily by cross-validation (J).
"""
