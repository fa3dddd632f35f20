"""wheel_paths.py WHEEL FOLDER: takes the folder of the build out of the wheel's list of parts, where maturin writes it."""

import base64
import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path


def main(wheel: Path, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    changed = {
        info.filename: data.replace(f"file://{folder}".encode(), b"file:///gatewright")
        for info, data in members
        if "/sboms/" in info.filename
    }
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in members:
            if info.filename.endswith(".dist-info/RECORD"):
                data = record(data.decode(), changed).encode()
            archive.writestr(info, changed.get(info.filename, data))


def record(text: str, changed: dict[str, bytes]) -> str:
    """The list of files with the digests and sizes of those that have changed."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    for name, digest, size in csv.reader(text.splitlines()):
        if name in changed:
            data = changed[name]
            hashed = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            rows.writerow((name, f"sha256={hashed}", len(data)))
        else:
            rows.writerow((name, digest, size))
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
