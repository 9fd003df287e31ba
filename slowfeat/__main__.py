"""``python -m slowfeat``."""

import sys

from slowfeat.cli import main

sys.exit(main())
