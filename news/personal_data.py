"""News belongs to the institution that tells it; who wrote it is told to nobody. See toolkit.personal."""

from toolkit.personal import Joins, move

TEXTS = {"news.NewsItem"}
JOINS: Joins = {"news.NewsItem.by": move}
