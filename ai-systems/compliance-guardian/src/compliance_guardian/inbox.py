"""A new object in the inbox → its release to raw, or a report in quarantine; and its insights."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from compliance_guardian.adapter import InboxSettings
from compliance_guardian.batch import RELEASE, given_up, unchanged
from compliance_guardian.insights import INBOX, Collected, Files, Origin, key_hash, source_of
from compliance_guardian.pci import scan
from compliance_guardian.pci.redaction import redacted_text
from compliance_guardian.policies.release import Blocked, Released, prepared
from compliance_guardian.policies.values import Replacement
from datalake.layout import UNMAPPED, BlockedObject
from datalake.policies import Action
from datalake.storage import Body, ObjectInfo, ObjectStorage
from lambda_app.observability import count, logger
from lambda_app.s3_events import CreatedObject

_LISTED = 100
"""Most findings that the report on a blocked object lists; the insights have more."""


@dataclass(frozen=True)
class Inbox:
    """What the function works with; `hash_key` looks the key up when a policy needs it."""

    storage: ObjectStorage
    settings: InboxSettings
    hash_key: Callable[[], bytes]

    def update(self, created: CreatedObject) -> None:
        """Release the object as it is now under its key, or block it; then write its insights.

        Of several versions the newest counts, whatever the order of the messages. The release is
        one conditional write after everything else was checked; compliance_scans is written last,
        and where it names these versions, all is done. Raises ChangedError, WeakKeyError, or
        PreconditionFailedError where another invocation wrote meanwhile.
        """
        begun = self._begin(created.key)
        if begun is None or begun.is_done:
            return
        origin, collected = begun.origin, Collected()
        if refusal := _refusal(origin):
            self._block(begun, Blocked(refusal), collected)
            return
        with (
            unchanged(self.storage, self.settings.inbox_bucket, origin) as stream,
            prepared(stream, origin.policy, begun.replacement, collected) as result,
        ):
            if isinstance(result, Released):
                self._release(begun, result, collected)
            else:
                self._block(begun, result, collected)

    def give_up(self, created: CreatedObject, receives: int, error: Exception | None) -> None:
        """Report that the object is not released, as its message is not delivered again."""
        begun = self._begin(created.key)
        if begun is None or begun.is_done:
            return
        begun.versions["data_version"] = begun.origin.data_version("given up")
        self._block(begun, Blocked(given_up(receives, error)), Collected())

    def _begin(self, key: str) -> _Begun | None:
        """The state of everything before the object is read; None if it is gone."""
        settings, head = self.settings, self.storage.head
        files = Files.open(self.storage, settings.insights_bucket, INBOX, key)
        blocked = BlockedObject(source_of(key), key_hash(key))
        targets = {
            place: head(*place)
            for place in (
                (settings.raw_bucket, key),
                (settings.quarantine_bucket, blocked.copy_key),
                (settings.quarantine_bucket, blocked.report_key),
            )
        }
        info = head(settings.inbox_bucket, key)
        if info is None:
            logger.info("object is gone", extra={"object_key": redacted_text(key)})
            return None
        origin = Origin(INBOX, key, info)
        is_hashed = origin.policy.action is Action.HASH
        replacement = Replacement(self.hash_key() if is_hashed else None)
        versions = {
            "model_version": scan.version(),
            "data_version": origin.data_version(replacement.version),
        }
        return _Begun(origin, files, blocked, targets, replacement, versions)

    def _release(self, begun: _Begun, result: Released, collected: Collected) -> None:
        origin, quarantine = begun.origin, self.settings.quarantine_bucket
        self._write(begun, (self.settings.raw_bucket, origin.key), result.copy)
        for key in (begun.blocked.report_key, begun.blocked.copy_key):
            self._remove(begun, (quarantine, key))
        if origin.policy.action is Action.REPORT:
            # Its findings are those of the raw object.
            return
        begun.files.write(collected.tables(origin, "released"), begun.versions)
        self._tell(begun, "object released", collected, None)

    def _block(self, begun: _Begun, result: Blocked, collected: Collected) -> None:
        quarantine, blocked = self.settings.quarantine_bucket, begun.blocked
        if result.copy:
            self._write(begun, (quarantine, blocked.copy_key), result.copy)
        else:
            self._remove(begun, (quarantine, blocked.copy_key))
        report = _report(begun, result, collected)
        self._write(begun, (quarantine, blocked.report_key), report, "application/json")
        tables = collected.tables(begun.origin, "blocked", result.reason)
        begun.files.write(tables, begun.versions)
        count("ObjectsBlocked")
        self._tell(begun, "object blocked", collected, result.reason)

    def _write(
        self,
        begun: _Begun,
        place: tuple[str, str],
        body: Body,
        content_type: str = "application/octet-stream",
    ) -> None:
        metadata = {RELEASE: begun.versions["data_version"]}
        current = begun.targets[place]
        if current is None or dict(current.metadata) != metadata:
            self.storage.put(
                *place,
                body,
                content_type=content_type,
                metadata=metadata,
                if_match=current.etag if current else None,
            )

    def _remove(self, begun: _Begun, place: tuple[str, str]) -> None:
        """Remove what an earlier version of the object left."""
        if current := begun.targets[place]:
            self.storage.delete(*place, if_match=current.etag)

    def _tell(self, begun: _Begun, what: str, collected: Collected, reason: str | None) -> None:
        count("Findings", collected.count)
        extra = {
            "object_key": redacted_text(begun.origin.key),
            "source": source_of(begun.origin.key),
            "policy": begun.origin.policy.action,
            "findings": collected.count,
            "reason": reason,
        }
        (logger.warning if reason else logger.info)(what, extra=extra)


@dataclass(frozen=True)
class _Begun:
    """An object of the inbox, and all that is written because of it, as it was before."""

    origin: Origin
    files: Files
    blocked: BlockedObject
    targets: dict[tuple[str, str], ObjectInfo | None]
    replacement: Replacement
    versions: dict[str, str]

    @property
    def is_done(self) -> bool:
        return self.files.are_of(self.versions)


def _refusal(origin: Origin) -> str | None:
    """Why an object is blocked whatever its content is."""
    if source_of(origin.key) == UNMAPPED:
        return "The key names no source. Deliver it as <source>/<file>."
    # A name says little of what its digits are, so whatever could be a number counts.
    is_reported = origin.policy.action is Action.REPORT
    if not is_reported and redacted_text(origin.key) != origin.key:
        return "The key holds card data. Deliver the file under another name."
    return None


def _report(begun: _Begun, result: Blocked, collected: Collected) -> bytes:
    listed = collected.listed(_LISTED)
    document = {
        "bucket": INBOX,
        "key": redacted_text(begun.origin.key),
        "policy": begun.origin.policy.action,
        "reason": result.reason,
        "copy": begun.blocked.copy_key if result.copy else None,
        "findings": collected.count,
        "first_findings": listed,
        **begun.versions,
    }
    return json.dumps(document, indent=2).encode()
