"""What the trainer's tests share."""

import torch

# The networks of the tests are too small for a second thread to pay, and threads that wait for each
# other on a busy machine cost minutes.
torch.set_num_threads(1)
