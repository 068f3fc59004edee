"""Keys as file names, both ways."""

import pytest
import s3stream

KEYS = ["a", "a b/ä.txt", "../etc/passwd", "/a//b/", "50%", "a\nb", "x" * 300, ".", "a\0b", "😀"]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_name_and_comes_back(key):
    name = s3stream.file_name(key)
    assert s3stream.key_of(name) == key
    parts = name.split("/")
    assert ".." not in parts and "" not in parts and not name.startswith("/")
    assert all(len(part.encode()) <= 255 for part in parts) and name.isprintable()


def test_ordinary_keys_are_their_own_names():
    assert s3stream.file_name("photos/2024/a b.jpg") == "photos/2024/a b.jpg"


@pytest.mark.parametrize("name", ["../x", "a//b", "/a", "%zz", ""])
def test_what_is_no_name_of_ours_is_refused(name):
    with pytest.raises(s3stream.InvalidInputError):
        s3stream.key_of(name)


def test_a_file_and_a_directory_of_one_name_are_told_apart():
    names = s3stream.Names()
    made = [names.file_name(key) for key in ("a", "a/b", "a/b/c", "c/d")]
    assert made == ["a", "a%+/b", "a%+/b%+/c", "c/d"]
    assert [s3stream.key_of(name) for name in made] == ["a", "a/b", "a/b/c", "c/d"]
