"""What runs live and knows no ROS: queues, clocks, the self-check of motion, driving one motion."""
