"""Why a row goes to quarantine and why a whole object is rejected: codes and sentences."""

from __future__ import annotations

from enum import StrEnum


class RowReason(StrEnum):
    """Reason codes of quarantined rows. `{column}` in a sentence is the source's column."""

    MALFORMED_QUOTING = "malformed_quoting"
    WRONG_FIELD_COUNT = "wrong_field_count"
    RECORD_TOO_LONG = "record_too_long"
    SWALLOWED_RECORDS = "swallowed_records"
    BARE_CARRIAGE_RETURN = "bare_carriage_return"
    BYTE_ORDER_MARK = "byte_order_mark"
    INVALID_ENCODING = "invalid_encoding"
    MALFORMED_JSON = "malformed_json"
    NESTED_VALUE = "nested_value"
    UNKNOWN_MEMBER = "unknown_member"
    MISSING_REQUIRED = "missing_required"
    INVALID_IDENTIFIER = "invalid_identifier"
    UNPARSEABLE_NUMBER = "unparseable_number"
    NON_FINITE_NUMBER = "non_finite_number"
    UNPARSEABLE_BOOLEAN = "unparseable_boolean"
    TOO_MANY_DECIMALS = "too_many_decimals"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    NON_POSITIVE_PRICE = "non_positive_price"
    ZERO_QUANTITY = "zero_quantity"
    NEGATIVE_QUANTITY = "negative_quantity"
    CONTRADICTORY_CANCELLATION = "contradictory_cancellation"
    UNPARSEABLE_DATE = "unparseable_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    NONEXISTENT_LOCAL_TIME = "nonexistent_local_time"
    UNREPRESENTABLE_TIME = "unrepresentable_time"
    CELL_ERROR = "cell_error"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    DATE_INSTEAD_OF_TEXT = "date_instead_of_text"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    DATE_AFTER_UPLOAD = "date_after_upload"
    DATE_FAR_FROM_REST = "date_far_from_rest"


ROW_SENTENCES = {
    RowReason.MALFORMED_QUOTING: (
        "A quotation mark is unbalanced or stands inside a field that is not quoted; "
        'write a quotation mark inside a quoted field twice ("").'
    ),
    RowReason.WRONG_FIELD_COUNT: "The row has more or fewer fields than the header has columns.",
    RowReason.RECORD_TOO_LONG: (
        "The line is longer than 1 MiB; a line end or a quotation mark is missing. Only its "
        "beginning is kept here."
    ),
    RowReason.SWALLOWED_RECORDS: (
        "A quoted field over several lines holds what looks like records of their own: two stray "
        "quotation marks swallowed the lines between them. Correct the quotation marks."
    ),
    RowReason.BARE_CARRIAGE_RETURN: (
        "The row has more or fewer fields than the header has columns, and holds a carriage return "
        "outside of quotation marks; end every line with LF or CR LF."
    ),
    RowReason.BYTE_ORDER_MARK: (
        "A byte order mark (U+FEFF) stands before a value, as where files were concatenated; "
        "remove it, and the second header line if there is one."
    ),
    RowReason.INVALID_ENCODING: (
        "The line is not valid UTF-8 but looks like damaged UTF-8, or is in no encoding that the "
        "source declares; its bytes that are not UTF-8 are shown as \\xNN."
    ),
    RowReason.MALFORMED_JSON: "The line is no JSON object, or names a member twice.",
    RowReason.NESTED_VALUE: "A member of the JSON object is an object or an array itself.",
    RowReason.UNKNOWN_MEMBER: "The JSON object has a member that the source does not declare.",
    RowReason.MISSING_REQUIRED: "{column} is empty but required.",
    RowReason.INVALID_IDENTIFIER: "{column} is no identifier {kind}.",
    RowReason.UNPARSEABLE_NUMBER: (
        "{column} is not {kind} in plain digits (no exponent, no thousands separator, no currency "
        "sign)."
    ),
    RowReason.NON_FINITE_NUMBER: "{column} is not a finite number.",
    RowReason.UNPARSEABLE_BOOLEAN: "{column} is none of 0, 1, true and false.",
    RowReason.TOO_MANY_DECIMALS: (
        "{column} has more decimals than the table holds; rounding it would change the amount."
    ),
    RowReason.NUMBER_OUT_OF_RANGE: "{column} is outside the range that the table allows.",
    RowReason.NON_POSITIVE_PRICE: (
        "{column} is zero or negative: a gift, a stock adjustment or a correction, not a sale at "
        "a price."
    ),
    RowReason.ZERO_QUANTITY: "{column} is zero: nothing was sold or returned.",
    RowReason.NEGATIVE_QUANTITY: "{column} is negative but the source declares no returns.",
    RowReason.CONTRADICTORY_CANCELLATION: (
        "The order number says cancellation but {column} is positive."
    ),
    RowReason.UNPARSEABLE_DATE: (
        "{column} is not a date of the calendar in exactly the form {kind}; seconds end at 59."
    ),
    RowReason.DATE_OUT_OF_RANGE: "{column} is outside the years {kind}.",
    RowReason.NONEXISTENT_LOCAL_TIME: (
        "{column} falls into the hour that the change to summer time skips."
    ),
    RowReason.UNREPRESENTABLE_TIME: (
        "A time has digits below the microsecond, a time of day where the table has days, or a "
        "year outside 1 to 9999; to keep it, it would have to be changed."
    ),
    RowReason.CELL_ERROR: "A cell holds an error of Excel, such as #DIV/0!; correct its formula.",
    RowReason.FORMULA_WITHOUT_VALUE: (
        "A cell holds a formula whose value was never calculated; open the workbook in Excel and "
        "save it."
    ),
    RowReason.DATE_INSTEAD_OF_TEXT: (
        "A cell holds a date where the table has a text; Excel makes dates of codes such as 1-2. "
        "Format the column as text and write the code again."
    ),
    RowReason.AMBIGUOUS_NUMBER: (
        "A cell holds a text such as 1.234, which is a thousand or one with three decimals; make "
        "it a number."
    ),
    RowReason.DATE_AFTER_UPLOAD: (
        "{column} lies in the future: it is later than {kind}, two days after the upload of the "
        "file."
    ),
    RowReason.DATE_FAR_FROM_REST: (
        "{column} is outside {kind}, too far from the dates of the file's first rows; correct it, "
        "or upload these rows as a file of their own."
    ),
}


class ObjectReason(StrEnum):
    """Reason codes of rejected objects."""

    UNKNOWN_SOURCE = "unknown_source"
    UNSUPPORTED_SUFFIX = "unsupported_suffix"
    EMPTY_OBJECT = "empty_object"
    TOO_LARGE = "too_large"
    CORRUPT_GZIP = "corrupt_gzip"
    CORRUPT_ZIP = "corrupt_zip"
    CORRUPT_PARQUET = "corrupt_parquet"
    CORRUPT_WORKBOOK = "corrupt_workbook"
    NOT_ONE_MEMBER = "not_one_member"
    DECOMPRESSION_BOMB = "decompression_bomb"
    NOT_TEXT = "not_text"
    NUL_BYTE = "nul_byte"
    WRONG_ENCODING = "wrong_encoding"
    WRONG_LINE_ENDS = "wrong_line_ends"
    COLUMNS_MISMATCH = "columns_mismatch"
    READER_STOPPED = "reader_stopped"
    PROCESSING_FAILED = "processing_failed"
    """The object made the function fail, or stopped it, as often as it was tried."""


class RejectedError(Exception):
    """The object as a whole cannot be used. `message` tells a person what to do about it."""

    def __init__(self, reason: ObjectReason, message: str, **details: list[str]) -> None:
        self.reason = reason
        self.message = message
        self.details = details
        super().__init__(f"{reason}: {message}")


def bomb(most_bytes: int) -> RejectedError:
    """The rejection of a file of types that unpacks to more than `most_bytes` of values."""
    return RejectedError(
        ObjectReason.DECOMPRESSION_BOMB,
        f"The object unpacks to more than {most_bytes // 1024**2} MiB, many times its size, as no "
        "table does. If it is genuine, export it as CSV.",
    )
