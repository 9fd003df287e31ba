"""A simulated robot: Freedoom's maps as places, ViZDoom as their camera, a rosbag2 bag as the
result.

wad -> level (a map made safe to drive) -> world (rendering and exact poses) -> driver -> recorder.
"""
