"""How large what is unpacked may be, and how large one row of it. Pure."""

from __future__ import annotations

from annotation.intake.rows import BadFile

MAXIMUM_LINE_BYTES = 16 * 2**20


def check_unpacked(read_bytes: int, limit_bytes: int) -> None:
    """Raise BadFile once more has been read than may be."""
    if read_bytes > limit_bytes:
        shown = f"{limit_bytes / 2**20:,.0f} MiB"
        raise BadFile(f"Unpacked, the file is larger than {shown}. Split it into smaller files and import each.")
