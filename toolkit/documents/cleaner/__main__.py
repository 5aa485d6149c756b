import resource
import sys

from toolkit.documents.cleaner import Refused

MEMORY, SECONDS = 1 << 30, 15


def main(kind: str) -> int:
    """Nothing that a file unpacks to can take more than this from the machine."""
    for name, limit in (("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", SECONDS)):
        number = getattr(resource, name, None)
        if number is not None and sys.platform != "darwin":  # macOS refuses a limit of addresses
            resource.setrlimit(number, (limit, limit))
    try:
        sys.stdout.buffer.write(cleaner_of(kind)(sys.stdin.buffer.read()))
    except Refused as refusal:
        return said(refusal.code)
    except MemoryError:
        return said("unpacks")
    return 0


def cleaner_of(kind: str):
    match kind:
        case "pdf":
            from toolkit.documents.cleaner.pdf import clean
        case "docx" | "xlsx":
            from toolkit.documents.cleaner.office import clean
        case _:
            from toolkit.documents.cleaner.image import clean
    return clean


def said(code: str) -> int:
    print(code, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
