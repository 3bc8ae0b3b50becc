"""The push as a call, with the parameters of Flask-S3's."""

from flask import Flask

from ._report import Progress, PushReport
from ._settings import Settings


def create_all(
    app: Flask,
    user: str | None = None,
    password: str | None = None,
    bucket_name: str | None = None,
    location: str | None = None,
    include_hidden: bool = False,
    filepath_filter_regex: str | None = None,
    put_bucket_acl: bool = False,
    *,
    dry_run: bool = False,
    force: bool = False,
    strict: bool = False,
    write_public_policy: bool = False,
    invalidate_distribution: str | None = None,
    progress: Progress | None = None,
) -> PushReport:
    """Upload the static files of an app and its blueprints that are not in the bucket yet.

    A bucket that does not exist is created. Nothing is ever deleted. If this is interrupted or
    fails, call it again: it goes on where it stopped.

    :param app: the app, with the settings that it has now.
    :param user: an access key id, instead of the setting ``S3_ACCESS_KEY_ID``.
    :param password: the secret that belongs to *user*.
    :param bucket_name: instead of the setting ``S3_BUCKET_NAME``.
    :param location: a region, instead of the setting ``S3_REGION``.
    :param include_hidden: also files and folders whose names begin with a dot.
    :param filepath_filter_regex: only files whose paths, relative to their static folders, match
        (by :func:`re.search`).
    :param put_bucket_acl: set the bucket's ACL to ``public-read``; buckets made since April 2023
        refuse that.
    :param dry_run: only report what would be done.
    :param force: upload everything.
    :param strict: fail if a stylesheet or a script refers to a file that is not there.
    :param write_public_policy: let everybody read what is below the static URLs, by a statement in
        the bucket's policy.
    :param invalidate_distribution: the id of a CloudFront distribution that is to forget the files
        under plain names that were uploaded.
    :param progress: called with the number of files done and of all to do.
    :raises CollectError: the static files cannot be pushed as they are.
    :raises MissingReferenceError: *strict*, and there is such a reference.
    :raises PushError: not all is in the bucket; ``error.report`` lists what is.
    """
    from .pushing._push import push  # an app that only serves pages does without it

    settings = Settings.from_app(app).with_arguments(
        user=user, password=password, bucket_name=bucket_name, region=location
    )
    return push(
        app,
        settings,
        include_hidden=include_hidden,
        filepath_filter=filepath_filter_regex,
        put_bucket_acl=put_bucket_acl,
        dry_run=dry_run,
        force=force,
        strict=strict,
        write_public_policy=write_public_policy,
        invalidate_distribution=invalidate_distribution,
        progress=progress,
    )
