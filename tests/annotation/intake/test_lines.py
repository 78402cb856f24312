from __future__ import annotations

import gzip
import io

import pytest

from annotation.intake import lines as lines_module
from annotation.intake.lines import Line, Meter, read_lines
from annotation.intake.rows import BadFile, BadRow

LIMIT = 2**24


def read(data: bytes, limit_bytes: int = LIMIT) -> list[Line]:
    return list(read_lines(Meter(io.BytesIO(data)), limit_bytes=limit_bytes))


def test_plain_and_packed_files_read_the_same() -> None:
    data = b"one\r\n\ntwo\xe2\x80\xa8still two\nthree"
    assert [(line.number, line.raw) for line in read(data)] == [
        (1, b"one"),
        (2, b""),
        (3, "two\u2028still two".encode()),
        (4, b"three"),
    ]
    assert read(gzip.compress(data)) == read(data)
    assert read(gzip.compress(data[:5]) + gzip.compress(data[5:])) == read(data)


def test_the_meter_counts_bytes_as_stored() -> None:
    packed = gzip.compress(b"word\n" * 100_000)
    meter = Meter(io.BytesIO(packed))
    assert sum(1 for _ in read_lines(meter, limit_bytes=LIMIT)) == 100_000
    assert meter.done_bytes == len(packed)


@pytest.mark.parametrize("cut", [3, 12, 40, -9, -1])
def test_a_truncated_gzip_is_refused(cut: int) -> None:
    packed = gzip.compress(b"".join(f"line {number}\n".encode() for number in range(1000)))
    with pytest.raises(BadFile, match="damaged or ends too early"):
        read(packed[:cut])


def test_a_gzip_with_a_wrong_checksum_is_refused() -> None:
    packed = bytearray(gzip.compress(b"line\n" * 1000))
    packed[-6] ^= 0xFF
    with pytest.raises(BadFile, match="damaged"):
        read(bytes(packed))


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"\n".join([b"0" * 1000] * 20_000))
    assert len(bomb) < 100_000
    with pytest.raises(BadFile, match="larger than 10 MiB"):
        read(bomb, 10 * 2**20)
    with pytest.raises(BadFile, match="larger than 10 MiB"):
        read(gzip.compress(b"0" * 50_000_000), 10 * 2**20)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_is_refused_naming_the_remedy(encoding: str) -> None:
    with pytest.raises(BadFile, match="Save it as UTF-8"):
        read('{"kind": "prompt"}\n'.encode(encoding))


@pytest.mark.parametrize("first", [b"\xd0\xcf\x11\xe0", b"PAR1", b"BZh9", b"\xfd7zXZ\x00", b"(\xb5/\xfd"])
def test_other_containers_are_named(first: bytes) -> None:
    with pytest.raises(BadFile, match=r"upload|Save it as \.xlsx"):
        read(first + b"more of it")


def test_a_file_packed_twice_is_refused() -> None:
    with pytest.raises(BadFile, match="packed twice"):
        read(gzip.compress(gzip.compress(b"line\n")))


def test_a_line_too_long_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAXIMUM_LINE_BYTES", 100)
    exact, long, last = read(b"x" * 99 + b"\n" + b"y" * 5000 + b"\nlast\n")
    assert (exact.fault, long.fault is None, last.raw, last.number) == (None, False, b"last", 3)
    with pytest.raises(BadRow, match="Split it"):
        long.text()


def test_invalid_utf8_names_the_byte() -> None:
    good, bad = read(b"caf\xc3\xa9\ncaf\xe9 au lait\n")
    assert good.text() == "café"
    with pytest.raises(BadRow, match="byte 4 of the line is 0xe9"):
        bad.text()
