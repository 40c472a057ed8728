"""Structures of Apache Thrift in the compact protocol, of which Parquet's metadata is made.

Source: Apache Thrift, thrift-compact-protocol.md. A size is believed only
once that number of bytes is there.
"""

from __future__ import annotations

import struct
from typing import Any

_MAX_DEPTH = 16

# Types of the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class ThriftError(ValueError):
    """The bytes are no structure."""


def decode(data: bytes) -> tuple[dict[int, Any], int]:
    """The structure at the start of `data`, as a dictionary from the numbers of its fields to
    their values, and how many bytes it takes. Raises ThriftError."""
    decoder = _Decoder(data)
    try:
        return decoder.struct(), decoder.position
    except IndexError as error:
        raise ThriftError("shorter than they say") from error
    except ValueError as error:
        raise ThriftError(str(error)) from error


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        fields: dict[int, Any] = {}
        number = 0
        while header := self._byte():
            delta, kind = header >> 4, header & 0x0F
            number = number + delta if delta else self._integer()
            if number in fields:
                raise ValueError("a field twice")
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_I16, _I32, _I64):
            return self._integer()
        if kind == _BINARY:
            return self._bytes(self._unsigned())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind == _DOUBLE:
            return struct.unpack("<d", self._bytes(8))[0]
        raise ValueError(f"type {kind}")

    def _list(self, depth: int) -> list[Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        header = self._byte()
        size, kind = header >> 4, header & 0x0F
        if size == 0x0F:
            size = self._unsigned()
        # An element takes one byte at least, so that no size can claim more than there is.
        if size > len(self._data) - self.position:
            raise ValueError("longer than there are bytes")
        return [self._value(kind, depth + 1) for _ in range(size)]

    def _integer(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("more than 64 bits")

    def _bytes(self, size: int) -> bytes:
        begin = self.position
        self.position += size
        if self.position > len(self._data):
            raise ValueError("longer than there are bytes")
        return self._data[begin : self.position]

    def _byte(self) -> int:
        byte = self._data[self.position]
        self.position += 1
        return byte
