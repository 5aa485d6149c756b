from members.admin import care, records

__all__ = ["care", "records"]
