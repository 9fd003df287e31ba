"""Cameras in numbers: lens, mount, rigid motions, and how a camera's motion moves its image."""
