"""`make bench`: every figure that is claimed, as a ratio to a floor or a
peer measured in the same run.
"""
