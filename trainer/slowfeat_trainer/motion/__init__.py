"""Where the body was: poses from odometry, tf, pose, twist or command topics, as one track."""
