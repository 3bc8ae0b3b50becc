"""``python -m s3_saver``, the same as the command ``s3-saver``."""

import sys

from ._cli import main

sys.exit(main())
