import hashlib
import os

from bakeoff.system.digests import sha256_of


def test_hashes_are_read_again_only_after_a_change(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("a")
    before = sha256_of(file)
    os.utime(file, ns=(1, 1))
    assert sha256_of(file) == before == hashlib.sha256(b"a").hexdigest()
    file.write_text("b")
    assert sha256_of(file) != before
