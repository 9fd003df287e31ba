"""A bundle brought to another robot: a few numbers fitted to a minute
of driving, no network trained.
"""
