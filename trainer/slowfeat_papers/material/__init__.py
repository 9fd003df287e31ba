"""What several experiments run on: labelled pictures, drives, rendered objects."""
