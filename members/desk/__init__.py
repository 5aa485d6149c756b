"""What waits in the registry: for the people of institutions, and for the secretariat. One noun per file."""

from members.desk import applications, care, changes, people, roles
from toolkit.desk import Item, Place, Request


def items(user) -> list[Item]:
    return [*roles.items(user), *changes.items(user), *applications.items(user), *care.items(user), *people.items(user)]


def mine(user) -> list[Request]:
    return [*changes.mine(user), *applications.mine(user)]


def places(user) -> list[Place]:
    return [*roles.places(user), *people.places(user), *applications.places(user), *care.places(user)]
