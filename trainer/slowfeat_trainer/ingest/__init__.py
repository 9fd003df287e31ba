"""From bags to a dataset on disk: which frames are used, decoded on
all cores, finished bag by bag.
"""
