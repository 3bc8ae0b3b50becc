"""From nothing to static files in a bucket: what is to be done, as steps to show and to take."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from s3_saver.setup import BucketNeeds, Step, plan_setup, read_policy, same_policy

from .._report import Progress, PushReport
from .._settings import Settings
from .._storage import check_credentials, make_storage
from ..pushing._push import push
from ._bucket import cors_rules

_DAYS = 7  # after which the parts of a big file are deleted whose upload was never completed

_LIFECYCLE = {
    "ID": "flask-s3-static-unfinished",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _DAYS},
}


@dataclass(frozen=True)
class SetupPlan:
    """What is to be done; :meth:`apply` does it.

    :param steps: for the bucket itself.
    :param report: what a push would do afterwards.
    :param policy: what the push will write as the bucket's policy, if that has to change.
    """

    steps: list[Step]
    report: PushReport
    policy: dict[str, Any] | None
    _push: dict[str, Any] = field(repr=False)

    def texts(self) -> Iterator[str]:
        """Return each thing to do in words, in its order."""
        for step in self.steps:
            yield step.text
        files = len([*self.report.new, *self.report.changed, *self.report.headers_changed])
        if files:
            yield f"upload {files:,} static file{'' if files == 1 else 's'}"
        if self.policy:
            yield f"write the bucket's policy\n{json.dumps(self.policy, indent=2)}"

    def apply(self, progress: Progress | None) -> PushReport:
        for step in self.steps:
            step.apply()
        return push(**self._push, dry_run=False, progress=progress)


def plan(app: Flask) -> SetupPlan:
    """Return what is to be done until the public can read an app's static files in its bucket.

    With a CDN the bucket stays closed: the CDN is to be allowed to read it.
    """
    settings = Settings.from_app(app)
    storage = make_storage(settings)
    check_credentials(storage)
    is_open = not settings.s3.cdn_domain
    needs = BucketNeeds(
        cors=cors_rules()["CORSRules"],
        lifecycle=[_LIFECYCLE],
        public_policy=is_open,
        public_acls=str(settings.headers.get("ACL", "")).startswith("public-"),
    )
    arguments: dict[str, Any] = {
        "app": app,
        "settings": settings,
        "include_hidden": False,
        "filepath_filter": None,
        "put_bucket_acl": False,
        "force": False,
        "strict": False,
        "write_public_policy": is_open,
        "invalidate_distribution": None,
    }
    report = push(**arguments, dry_run=True, progress=None)
    policy = report.policy
    if policy and not report.creates_bucket and same_policy(policy, read_policy(storage)):
        policy = None
    steps = plan_setup(storage, needs, region=settings.s3.region)
    return SetupPlan(steps, report, policy, arguments)
