"""What fixtures make storages with."""

from collections.abc import Callable

from s3_saver import S3Storage

#: Makes an S3Storage in the bucket of that name; options go over those of the server.
MakeStorage = Callable[..., S3Storage]
