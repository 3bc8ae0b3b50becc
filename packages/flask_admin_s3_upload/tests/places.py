"""Where the tests' fields save to, looked at past the package: a folder, or a bucket."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from s3_saver.testing import S3Server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Place(Protocol):
    @property
    def storage_type(self) -> str: ...

    @property
    def bucket_name(self) -> str: ...

    @property
    def options(self) -> dict[str, Any]:
        """What makes a field save here."""

    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, content: bytes) -> None: ...

    def delete(self, name: str) -> None: ...


@dataclass(frozen=True)
class DiskPlace:
    folder: Path
    storage_type: str = ""
    bucket_name: str = ""

    @property
    def options(self) -> dict[str, Any]:
        return {"base_path": str(self.folder)}

    def names(self) -> list[str]:
        return sorted(
            str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()
        )

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def delete(self, name: str) -> None:
        (self.folder / name).unlink()


@dataclass(frozen=True)
class S3Place:
    server: S3Server
    bucket_name: str
    folder: Path
    storage_type: str = "s3"
    prefix: str = "static/uploads/"

    @property
    def client(self) -> "S3Client":
        return self.server.client

    @property
    def options(self) -> dict[str, Any]:
        root = self.folder.parent
        return {
            "storage_type": "s3",
            "bucket_name": self.bucket_name,
            "access_key_id": self.server.access_key_id,
            "access_key_secret": self.server.access_key_secret,
            "endpoint_url": self.server.endpoint_url,
            "region": self.server.region,
            "url_style": "path",
            "base_path": str(self.folder),
            "static_root_parent": os.path.dirname(root),
        }

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.bucket_name).get("Contents", [])
        return sorted(each["Key"].removeprefix(self.prefix) for each in found)

    def read(self, name: str) -> bytes:
        found = self.client.get_object(Bucket=self.bucket_name, Key=self.prefix + name)
        content: bytes = found["Body"].read()
        return content

    def write(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.bucket_name, Key=self.prefix + name, Body=content)

    def delete(self, name: str) -> None:
        self.client.delete_object(Bucket=self.bucket_name, Key=self.prefix + name)
