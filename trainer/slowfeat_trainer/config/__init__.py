"""The settings of a training, and the presets: each method of the
papers under the name it has there.
"""
