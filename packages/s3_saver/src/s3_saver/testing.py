"""For tests: a storage in memory, and a check that any storage keeps the contract.

.. code-block:: python

    from s3_saver.testing import check_storage

    def test_my_storage():
        check_storage(MyStorage())
"""

from ._contract import check_storage
from ._memory import MemoryStorage

__all__ = ["MemoryStorage", "check_storage"]
