"""From the bytes of a raw object to UTF-8 text, or a rejection that says what is wrong with it."""

from __future__ import annotations

import gzip
import io
import zlib

from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources.model import Source

MAX_TEXT_BYTES = 128 * 1024 * 1024
"""Largest object, decompressed, that one invocation takes on. It bounds memory, see README."""

_CHUNK = 1024 * 1024

_SIGNATURES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; export it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export it as CSV",
    b"PAR1": "a Parquet file; export it as CSV",
    b"%PDF": "a PDF document; export the data as CSV",
    b"\x89PNG": "a picture",
    b"\x1f\x8b": "gzip-compressed; name it .csv.gz",
}
_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def decode(key: str, body: bytes, source: Source) -> tuple[bytes, str]:
    """Return the text as UTF-8 with line ends \\n and without byte order mark, and its encoding.

    Raises RejectedError.
    """
    name = key.lower()
    if not name.endswith((".csv", ".csv.gz")):
        raise RejectedError(
            ObjectReason.UNSUPPORTED_SUFFIX,
            "Only keys that end in .csv or .csv.gz are read; rename the object.",
        )
    if not body:
        raise RejectedError(
            ObjectReason.EMPTY_OBJECT,
            "The object has no bytes; the upload or the export failed. Upload it again.",
        )
    raw = _gunzip(body) if name.endswith(".gz") else body
    if len(raw) > MAX_TEXT_BYTES:
        raise too_large()
    _refuse_binary(raw)
    text, encoding = _to_utf8(raw, source)
    text = text.replace(b"\r\n", b"\n")
    if not text.strip():
        raise RejectedError(
            ObjectReason.EMPTY_OBJECT,
            "The object holds nothing but white space. Export it again, with its header line.",
        )
    return text, encoding


def too_large() -> RejectedError:
    """The rejection of an object above MAX_TEXT_BYTES."""
    return RejectedError(
        ObjectReason.TOO_LARGE,
        f"The object is larger than {MAX_TEXT_BYTES // 1024**2} MiB of text. "
        "Split it into smaller files, each with the header line, and upload those.",
    )


def _gunzip(body: bytes) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            # In chunks, so that a decompression bomb is noticed before it fills the memory.
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > MAX_TEXT_BYTES:
                    raise too_large()
                chunks.append(chunk)
    except (EOFError, OSError, zlib.error) as error:
        raise RejectedError(
            ObjectReason.CORRUPT_GZIP,
            f"The object cannot be decompressed ({error}); it is truncated, damaged or not gzip. "
            "Compress and upload it again.",
        ) from error
    if not size:
        raise RejectedError(
            ObjectReason.EMPTY_OBJECT,
            "The compressed file is empty; the export failed. Export and upload it again.",
        )
    return b"".join(chunks)


def _refuse_binary(raw: bytes) -> None:
    for signature, kind in _SIGNATURES.items():
        if raw.startswith(signature):
            raise RejectedError(ObjectReason.NOT_TEXT, f"The object is no CSV text but {kind}.")
    for mark, encoding in _OTHER_BOMS.items():
        if raw.startswith(mark):
            raise RejectedError(
                ObjectReason.WRONG_ENCODING,
                f"The object is encoded in {encoding}. Export it again as UTF-8.",
            )
    position = raw.find(b"\x00")
    if position >= 0:
        raise RejectedError(
            ObjectReason.NUL_BYTE,
            f"There is a NUL byte at offset {position}: the object is binary, damaged or encoded "
            "in UTF-16. Export it again as UTF-8 text.",
        )


def _to_utf8(raw: bytes, source: Source) -> tuple[bytes, str]:
    failure: UnicodeDecodeError | None = None
    for encoding in source.encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            failure = failure or error
            continue
        if encoding == "utf-8":
            return raw.removeprefix(_UTF8_BOM), encoding
        return text.encode(), encoding
    line = raw.count(b"\n", 0, failure.start if failure else 0) + 1
    raise RejectedError(
        ObjectReason.WRONG_ENCODING,
        f"Line {line} is not valid {' or '.join(source.encodings)}. Export the file again in that "
        "encoding, or declare the one it has in the source's mapping.",
    )
