"""The experiments of the two papers on data that anyone has: our
figures beside the published ones.
"""
