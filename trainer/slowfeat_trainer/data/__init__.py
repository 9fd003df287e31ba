"""What a recording is made of: frames, cameras, pairs of frames with
their motion, labels, scenes.
"""
