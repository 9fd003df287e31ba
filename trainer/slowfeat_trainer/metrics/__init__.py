"""Metrics as pure functions of embeddings: equivariance and retrieval, maps
refitted for every method alike.
"""
