"""``python -m s3_saver``, the same as the command ``s3-saver``."""

import sys

from s3_saver._cli import main

sys.exit(main())
