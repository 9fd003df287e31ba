"""Where the body was: the poses that odometry, tf, pose or command topics tell, as one track."""
