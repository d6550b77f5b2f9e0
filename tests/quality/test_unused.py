"""The product has no function, method, property or class that nothing uses."""

from tests.quality import unused


def test_nothing_is_unused() -> None:
    sentences = list(unused.unused())
    assert not sentences, "\n".join(sentences)
