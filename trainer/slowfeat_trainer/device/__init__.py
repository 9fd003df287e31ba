"""Where a training runs: the processes that share it, its memory, and frames on the device."""
