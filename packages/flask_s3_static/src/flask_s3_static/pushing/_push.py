"""A push, from the app's static folders to the bucket."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask import Flask

from s3_saver import S3SaverError, S3Storage
from s3_saver.setup import create_bucket, put_policy

from .._report import Progress, PushReport
from .._settings import Settings
from .._storage import make_storage
from ..bucket._bucket import put_public_acl
from ..bucket._cloudfront import check_distribution, invalidate, invalidation_paths
from ..bucket._policy import (
    FORBIDDEN,
    check_announced,
    check_objects,
    forbids_policy,
    public_policy,
)
from ..bucket._store import StoredIndex, read_index, write_index
from ..exceptions import MissingReferenceError, PushError, S3StaticError
from ..serving._folders import static_folders
from ..serving._left_out import LeftOut
from ..serving._manifest import Manifest, write_manifest
from ..serving._state import use_manifest
from ._known_objects import find_etags
from ._plan import Plan, changed_under_a_hash, changes_release, index_after, make_plan
from ._refusals import check_end, check_keys, manifest_errors
from ._release import read_release
from ._send import Outcome, Sender


def push(
    app: Flask,
    settings: Settings,
    *,
    include_hidden: bool,
    filepath_filter: str | None,
    put_bucket_acl: bool,
    dry_run: bool,
    force: bool,
    strict: bool,
    write_public_policy: bool,
    invalidate_distribution: str | None,
    progress: Progress | None,
    show_policy: Callable[[dict[str, Any]], None] | None = None,
) -> PushReport:
    """Push the static files of an app; the parameters are those of :func:`create_all`.

    :param show_policy: called with the bucket's policy before anything is written.
    """
    if invalidate_distribution is not None:
        check_distribution(invalidate_distribution)
    storage = make_storage(settings)
    left_out = LeftOut.of(app, settings)
    with ThreadPoolExecutor(1) as pool:  # the bucket is asked while files are read
        reading = pool.submit(read_index, storage, settings.index_key)
        release = read_release(
            app,
            settings,
            left_out,
            include_hidden=include_hidden,
            filepath_filter=filepath_filter,
            strict=strict,
        )
    check_keys(storage, release.items)
    if strict and release.problems:
        raise MissingReferenceError(release.problems)

    base = reading.result()
    everything = force or not settings.only_modified
    partial = filepath_filter is not None
    plan = make_plan(release.items, base.index, everything=everything, partial=partial)
    check_end(settings, base, plan, release, partial=partial)
    report = plan.report()
    changed = changed_under_a_hash(plan, base.index)
    report.warnings = [*release.problems, *release.warnings, *changed]
    report.left_out = release.left_out
    report.hashed_already = [i.key for i in release.items if i.file.holds_hash_already]
    report.creates_bucket = not base.has_bucket
    folders = static_folders(app)
    prefixes = left_out.key_prefixes(folders)
    if write_public_policy:
        check_announced(storage, prefixes, left_out)
        report.policy = public_policy(storage, prefixes)
        if base.has_bucket:
            check_objects(storage, prefixes, base.index, left_out, folders, planned=plan.keys())
        if show_policy:
            show_policy(report.policy)
    if dry_run:
        if report.policy and forbids_policy(storage):
            report.warnings.append(FORBIDDEN)
        return report

    if report.creates_bucket:
        create_bucket(storage, settings.s3.region)
    if report.policy and forbids_policy(storage):  # as of each that is made on Amazon
        raise S3StaticError(f"nothing was uploaded: {FORBIDDEN}")
    if put_bucket_acl:
        put_public_acl(storage)
    etags = {} if everything else find_etags(storage, plan, base.index, prefixes)
    push = _Push(settings, storage, base, plan, report, partial)
    try:
        push.run(etags, release.manifest, progress)
    except BaseException as error:
        # The next push does not upload again what is there, nor invalidate it.
        try:
            push.invalidate(invalidate_distribution)
        except S3StaticError as another:
            error.add_note(str(another))
        raise
    if report.policy:  # last: until now, what lies under these keys may be anybody's
        put_policy(storage, report.policy)
    push.invalidate(invalidate_distribution)
    if release.manifest:
        use_manifest(app, release.manifest)
    return report


@dataclass
class _Push:
    """Carries out a plan: files, then the manifest, then the index."""

    settings: Settings
    storage: S3Storage
    base: StoredIndex
    plan: Plan
    report: PushReport
    partial: bool

    def run(
        self, etags: dict[str, str], manifest: Manifest | None, progress: Progress | None
    ) -> None:
        is_complete = False
        disputed: list[str] = []
        try:
            self._upload(etags, progress)
            if not self.report.failed:
                if manifest:
                    self._publish(manifest)
                is_complete = True
        finally:
            disputed = self._write_index(is_complete=is_complete)
        self._raise_for(disputed)

    def _upload(self, etags: dict[str, str], progress: Progress | None) -> None:
        uploads, report = self.plan.uploads, self.report
        if not uploads:
            return
        done = 0

        def record(outcome: Outcome) -> None:
            nonlocal done
            key = outcome.item.key
            if outcome.error:
                report.failed[key] = outcome.error
            elif outcome.result == "there":
                report.there.append(key)
            else:
                report.sent[key] = outcome.size
            done += 1
            if progress:
                progress(done, len(uploads))

        Sender(self.storage, uploads, etags).run(record)
        tried = self._done() | report.failed.keys()
        report.not_tried = [item.key for item in uploads if item.key not in tried]

    def _done(self) -> set[str]:
        return {*self.report.sent, *self.report.there}

    def invalidate(self, distribution: str | None) -> None:
        """Let a distribution forget the files under plain names that were sent."""
        sent = self.report.sent
        plain = [i.key for i in self.plan.uploads if i.key in sent and not i.file.is_hashed]
        if distribution and plain:
            paths = invalidation_paths(plain, self.settings.prefix)
            self.report.invalidation = invalidate(self.storage, distribution, paths)

    def _publish(self, manifest: Manifest) -> None:
        is_new = changes_release(self.plan, self.base.index)
        if self.plan.uploads or is_new:
            number = self.base.index.latest + is_new
            # The release's own first: the other one is what apps load.
            for key in (self.settings.release_key(number), self.settings.manifest_key):
                self.storage.save(
                    key,
                    BytesIO(manifest.to_bytes()),
                    extra_args={"CacheControl": "no-cache"},
                )
        with manifest_errors():
            write_manifest(self.settings.manifest, manifest)
        self.report.manifest = self.settings.manifest

    def _write_index(self, *, is_complete: bool) -> list[str]:
        if is_complete and not changes_release(self.plan, self.base.index):
            return []
        done = self._done()
        index = index_after(
            self.base.index,
            self.plan,
            done=done,
            failed=self.report.failed.keys(),
            is_complete=is_complete,
            partial=self.partial,
            now=datetime.now(UTC),
        )
        if index == self.base.index:
            return []
        key = self.settings.index_key
        needed = done | {item.key for item in self.plan.same}
        try:
            return write_index(
                self.storage,
                key,
                self.base,
                index,
                needed=needed,
                failed=self.report.failed.keys(),
            )
        except (S3SaverError, S3StaticError) as error:
            self.report.failed[key] = error
            return []

    def _raise_for(self, disputed: list[str]) -> None:
        failed, rest = self.report.failed, len(self.report.not_tried)
        if failed:
            lines = [f"{len(failed)} file{'' if len(failed) == 1 else 's'} failed:"]
            lines += [f"{key}: {error}" for key, error in failed.items()]
            lines += [f"{rest} more were not tried"] if rest else []
            raise PushError("\n".join(lines), self.report)
        if disputed:
            raise PushError(
                f"another push or a prune changed these meanwhile, push again: "
                f"{', '.join(disputed)}",
                self.report,
            )
