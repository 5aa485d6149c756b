"""Files that people send: checked, made harmless, and handed out so that no browser runs anything of them."""

from toolkit.documents.pictures import clean_picture
from toolkit.documents.serving import document_response, made_response, picture_response
from toolkit.documents.uploads import clean_upload

__all__ = ["clean_picture", "clean_upload", "document_response", "made_response", "picture_response"]
