"""How a robot's odometry errs, estimated from its own drive: the turns that images show against
those that it reports.
"""
