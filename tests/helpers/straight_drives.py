"""A drive straight ahead, all its frames black."""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.data.recording import Camera, Recording


def drive(frames=100):
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, 0, 3] = np.arange(frames) * 0.1
    pictures = np.zeros((frames, 32, 32, 3), np.uint8)
    stamps = np.arange(frames) * 10**8
    episode = np.zeros(frames, np.int32)
    return Recording(None, "a", pictures, stamps, poses, episode, Camera(), "base_link", "/i", "/o")
