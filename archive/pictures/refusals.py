"""Why a file is not taken as a picture: a stable code and a sentence."""

from enum import StrEnum


def gettext_noop(message: str) -> str:
    """Return a message as it is: it is kept in English, and pages translate it.

    Django has the same; decoding works without it.
    """
    return message


class Refusal(StrEnum):
    """The codes of `PictureRefused`; they never change once released."""

    NOT_A_PICTURE = "not_a_picture"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_BYTES = "too_many_bytes"
    TRUNCATED = "truncated"
    EMPTY_FILE = "empty_file"
    UNREADABLE = "unreadable"
    DECOMPRESSION_BOMB = "decompression_bomb"


class PictureRefused(Exception):
    """A file that cannot be taken as a picture.

    Attributes:
        code: One of the values of `Refusal`.
        sentence: What is wrong and what a curator can do about it. It never names
            the file: the caller knows which one it asked about.
    """

    def __init__(self, code: Refusal, sentence: str) -> None:
        """Keep the code and the sentence."""
        super().__init__(sentence)
        self.code: str = code.value
        self.sentence = sentence

    def __reduce__(self) -> tuple[type["PictureRefused"], tuple[Refusal, str]]:
        """Pickle by code and sentence, so that a refusal crosses processes."""
        return type(self), (Refusal(self.code), self.sentence)
