"""What several experiments run on: labelled images, drives, rendered objects."""
