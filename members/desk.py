"""What waits in the registry: for the people of institutions, and for the secretariat."""

from toolkit.desk import Item, Place, Request


def items(user) -> list[Item]:
    return []


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    return []
