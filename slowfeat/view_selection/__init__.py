"""Where to look next: motions judged by the views that they are predicted to bring. Knows no ROS.

    policies        what a predicted view is worth: goal, novelty, recognition, resemblance
    motion_range    which motions the bundle never saw, and what their predictions may be off by
    look_ahead      sequences of motions, one prediction upon another (beam search)
    decision        all of it for one decision

Everything is a pure function of numpy arrays: embeddings (M, D), motions (M, 6) [m, rad], expected
errors (M,). Scores are higher where a motion is better, whatever the policy.
"""
