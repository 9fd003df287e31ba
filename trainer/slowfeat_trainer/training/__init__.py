"""The training loop with what it needs: optimisers, checkpoints, augmentation, acceleration,
fine-tuning, the log.
"""
