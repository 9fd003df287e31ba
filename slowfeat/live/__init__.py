"""What runs live and knows no ROS: queues, clocks, the self-check, one
motion under odometry feedback.
"""
