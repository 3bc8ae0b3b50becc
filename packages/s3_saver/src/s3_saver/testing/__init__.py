"""For tests: a storage in memory, a check that any storage keeps the contract, an S3 server.

.. code-block:: python

    from s3_saver.testing import MemoryStorage, check_storage, s3_server

    def test_my_storage():
        check_storage(MyStorage())

    def test_with_a_bucket():
        with s3_server() as server, server.temporary_bucket() as bucket_name:
            check_storage(server.storage(bucket_name))

The pytest plugin ``s3_saver.testing.pytest_plugin`` has fixtures for the same. A ``conftest.py``
turns it on by ``pytest_plugins = ["s3_saver.testing.pytest_plugin"]``.

``hidden_aws_environment``
    Runs by itself, once: hides the developer's own ``AWS_*`` variables and files of the SDK from
    every test.
``s3_server``
    The :class:`S3Server` of the whole run.
``s3_bucket``
    The name of an empty bucket, which is removed after the test.
``make_s3_bucket``
    A function that makes one more of these at each call and returns its name.

A test that needs what moto does not check (signatures, policies) is marked ``servers``. It is
skipped unless ``S3_TEST_ENDPOINT`` names a server.
"""

from ._contract import check_storage
from ._memory import MemoryStorage
from ._server import S3Server, s3_server

__all__ = ["MemoryStorage", "S3Server", "check_storage", "s3_server"]
