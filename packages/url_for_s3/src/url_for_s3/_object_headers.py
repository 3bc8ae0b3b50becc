"""How an object is kept, as the headers of the request that stores it or the fields of a form."""

from collections.abc import Mapping

from ._checks import check_encodable, check_text
from ._encode import encode_query
from ._headers import check_header, check_metadata
from .exceptions import ArgumentError, ArgumentTypeError

_MAX_TAGS = 10


def object_headers(
    *,
    cache_control: str | None = None,
    content_disposition: str | None = None,
    content_encoding: str | None = None,
    server_side_encryption: str | None = None,
    kms_key_id: str | None = None,
    storage_class: str | None = None,
    tags: Mapping[str, str] | None = None,
    acl: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return how an object is to be kept as headers, for the argument ``headers`` of what signs an
    upload. Who sends a ``PUT`` sends exactly these; forms have them among their fields.

    None leaves a header out: S3's or the bucket's default counts.

    :param cache_control: such as ``'public, max-age=31536000, immutable'``.
    :param content_disposition: such as ``'attachment'``.
    :param content_encoding: such as ``'gzip'``.
    :param server_side_encryption: ``'AES256'``, ``'aws:kms'`` or ``'aws:kms:dsse'``.
    :param kms_key_id: of the KMS key, an id or ARN; for the two kinds of KMS.
    :param storage_class: such as ``'STANDARD_IA'``.
    :param tags: names and values, 10 at most, of 128 and 256 characters
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html).
    :param acl: such as ``'public-read'``. Buckets made since April 2023 refuse ACLs.
    :param metadata: names, without ``x-amz-meta-``, and values in ASCII, 2,048 bytes in all.
    :raises ArgumentError: a value that no header can have, or that S3 would not take.
    """
    if kms_key_id is not None and not str(server_side_encryption).startswith("aws:kms"):
        raise ArgumentError(
            "server_side_encryption", server_side_encryption, "'aws:kms' where kms_key_id is given"
        )
    values = (
        ("cache_control", "Cache-Control", cache_control, "public, max-age=3600"),
        ("content_disposition", "Content-Disposition", content_disposition, "attachment"),
        ("content_encoding", "Content-Encoding", content_encoding, "gzip"),
        (
            "server_side_encryption",
            "x-amz-server-side-encryption",
            server_side_encryption,
            "aws:kms",
        ),
        ("kms_key_id", "x-amz-server-side-encryption-aws-kms-key-id", kms_key_id, "alias/my-key"),
        ("storage_class", "x-amz-storage-class", storage_class, "STANDARD_IA"),
        ("acl", "x-amz-acl", acl, "private"),
    )
    headers = {
        header: check_header(argument, value, example)
        for argument, header, value, example in values
        if value is not None
    }
    if tags:
        headers["x-amz-tagging"] = _write_tags(tags)
    if metadata:
        headers |= check_metadata(metadata, ascii_only=True)
    return headers


def to_form_fields(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers as the fields of a form that say the same.

    https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
    """
    fields: dict[str, str] = {}
    for name, value in headers.items():
        if name.lower() == "x-amz-acl":
            fields["acl"] = value
        elif name.lower() == "x-amz-tagging":
            fields["tagging"] = _tags_to_xml(value)
        else:
            fields[name] = value
    return fields


def _write_tags(tags: object) -> str:
    if not isinstance(tags, Mapping):
        raise ArgumentTypeError("tags", tags, "a dict of names and values")
    if len(tags) > _MAX_TAGS:
        raise ArgumentError("tags", f"{len(tags)} tags", f"{_MAX_TAGS} tags or less")
    pairs = []
    for name, value in tags.items():
        check_text("tags", name, "project")
        check_text(f"tags[{name!r}]", value, "blue")
        check_encodable(f"tags[{name!r}]", name + value)
        if not 1 <= len(name) <= 128 or len(value) > 256:
            raise ArgumentError(
                f"tags[{name!r}]", value, "a value of 256 characters for a name of 1 to 128"
            )
        pairs.append(f"{encode_query(name)}={encode_query(value)}")
    return "&".join(pairs)


def _tags_to_xml(tags: str) -> str:
    from urllib.parse import parse_qsl  # as what follows, only for forms that have tags
    from xml.sax.saxutils import escape

    found = "".join(
        f"<Tag><Key>{escape(name)}</Key><Value>{escape(value)}</Value></Tag>"
        for name, value in parse_qsl(tags, keep_blank_values=True)
    )
    return f"<Tagging><TagSet>{found}</TagSet></Tagging>"
