"""Records out of a file: a JSON array or JSON lines, plain or gzip, told apart by content. Never the whole file at once."""

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

CHUNK = 1 << 20
RECORD_LIMIT = 4 << 20  # The longest records of ROR have some 100 kB.

NOT_JSON = "not valid JSON"
TOO_LONG = "longer than any record of ROR"
DAMAGED = "the file is damaged from here on"

_decode = json.JSONDecoder().raw_decode
_SEPARATORS = re.compile(r"[\s,]*")
_NEXT_RECORD = re.compile(r"\}\s*,?\s*(?=\{)")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)


class NotReadable(Exception):
    """The file as a whole cannot be read; the message says what to do."""


class Entry(NamedTuple):
    """One thing in the file. `number` is its line, or its place in an array; `reason` says why there is no record."""

    number: int
    record: object = None
    reason: str = ""
    detail: str = ""


class RorFile:
    """Iterate it once. `unit` says what the numbers count, `fraction()` how much is read, `damaged` that the end is missing."""

    def __init__(self, path: Path):
        self.damaged = False
        try:
            self._raw = path.open("rb")
        except OSError as problem:
            raise NotReadable(f"{path}: {problem.strerror}.") from None
        self._size = os.fstat(self._raw.fileno()).st_size
        magic = self._raw.peek(4)[:4]
        if magic.startswith(b"PK\x03\x04"):
            raise NotReadable(f"{path} is a ZIP archive: unpack it and give the .json file in it.")
        # Not in a larger buffer: what is read with the broken end of a file would be lost with it.
        unpacked = gzip.GzipFile(fileobj=self._raw) if magic.startswith(b"\x1f\x8b") else self._raw
        self._stream = cast(BinaryIO, unpacked)
        try:
            head = unpacked.peek(1024).removeprefix(_BYTE_ORDER_MARK).lstrip()
        except _BROKEN_GZIP as problem:
            raise NotReadable(f"{path} is damaged: {problem}.") from None
        # Records that stretch over several lines are read like an array, also without its brackets.
        by_value = head.startswith(b"[") or re.match(rb"\{\s*\n", head)
        self.unit, self._entries = ("record", _values) if by_value else ("line", _lines)

    def __enter__(self) -> "RorFile":
        return self

    def __exit__(self, *_exception) -> None:
        self._stream.close()
        self._raw.close()

    def fraction(self) -> float:
        return min(self._raw.tell() / self._size, 1.0) if self._size else 1.0

    def __iter__(self) -> Iterator[Entry]:
        number = 0
        try:
            for entry in self._entries(self._stream):
                number = entry.number
                self.damaged = entry.reason == DAMAGED
                yield entry
        except _BROKEN_GZIP as problem:
            self.damaged = True
            yield Entry(number + 1, None, DAMAGED, str(problem))


def _lines(stream: BinaryIO) -> Iterator[Entry]:
    number = 0
    while line := stream.readline(RECORD_LIMIT):
        number += 1
        if len(line) == RECORD_LIMIT:
            while not line.endswith(b"\n") and (line := stream.readline(RECORD_LIMIT)):
                pass
            yield Entry(number, None, TOO_LONG)
        elif line := line.removeprefix(_BYTE_ORDER_MARK).strip():
            yield _line(number, line)


def _line(number: int, line: bytes) -> Entry:
    try:
        # Bytes that are no UTF-8 stay recognisable; the mapping refuses a record that holds them.
        return Entry(number, json.loads(line.decode("utf-8", "surrogateescape")))
    except json.JSONDecodeError as problem:
        return Entry(number, None, NOT_JSON, f"{problem.msg} at character {problem.pos + 1}")
    except (ValueError, RecursionError) as problem:
        return Entry(number, None, NOT_JSON, str(problem))


def _values(stream: BinaryIO) -> Iterator[Entry]:
    """The members of an array, or JSON values one after the other. After a broken one it goes on at the next record."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    window = _Window(text.read)
    window.skip_separators()
    in_array = window.take("[")
    number, broken = 0, False
    while True:
        window.skip_separators()
        if in_array and window.take("]"):
            break
        number += 1
        if window.is_empty():
            if in_array and not broken:
                yield Entry(number, None, DAMAGED, "the list has no end")
            break
        try:
            yield Entry(number, window.value())
            broken = False
        except (ValueError, RecursionError) as problem:
            broken = True
            yield Entry(number, None, NOT_JSON, window.describe(problem))
            window.skip_to_next_record()
    text.detach()


class _Window:
    """A stretch of text that grows where a value reaches over its end, and forgets what is behind it."""

    def __init__(self, read: Callable[[int], str]):
        self._read = read
        self._text = ""
        self._at = 0
        self._lines_behind = 0

    def is_empty(self) -> bool:
        return self._at == len(self._text)

    def take(self, sign: str) -> bool:
        found = self._text.startswith(sign, self._at)
        self._at += found
        return found

    def skip_separators(self) -> None:
        while True:
            match = cast(re.Match, _SEPARATORS.match(self._text, self._at))
            self._at = match.end()
            if not self.is_empty() or not self._grow():
                return

    def value(self) -> object:
        """Raises ValueError for what is no JSON, and then stays where it is."""
        while True:
            try:
                value, self._at = _decode(self._text, self._at)
                return value
            except ValueError:
                # Cut off by the end of the window, or broken? More text tells.
                if len(self._text) - self._at > RECORD_LIMIT or not self._grow():
                    raise

    def skip_to_next_record(self) -> None:
        """Objects within a record look much the same; only a record has an id and names."""
        start = self._at + 1
        while True:
            for match in _NEXT_RECORD.finditer(self._text, start):
                if self._is_record(match.end()):
                    self._at = match.end()
                    return
            # Look again at the end of it only: a record may have been cut off there.
            self._at = start = max(start, len(self._text) - RECORD_LIMIT)
            behind = self._at
            if not self._grow():
                self._at = len(self._text)
                return
            start -= behind

    def _is_record(self, at: int) -> bool:
        try:
            value, _end = _decode(self._text, at)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and {"id", "names"} <= value.keys()

    def _grow(self) -> bool:
        more = self._read(CHUNK)
        if not more:
            return False
        self._lines_behind += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :] + more
        self._at = 0
        return True

    def describe(self, problem: Exception) -> str:
        at = problem.pos if isinstance(problem, json.JSONDecodeError) else self._at
        line = self._lines_behind + self._text.count("\n", 0, at) + 1
        return f"{getattr(problem, 'msg', problem)} in line {line} of the file"
