"""What our HTML pages share: a style sheet and drawings, without a
library or a file from elsewhere.
"""
