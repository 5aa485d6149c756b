"""Files that people send: checked, made harmless, and handed out so that no browser runs anything of them."""

from toolkit.documents.pictures import clean_picture
from toolkit.documents.serving import picture_response

__all__ = ["clean_picture", "picture_response"]
