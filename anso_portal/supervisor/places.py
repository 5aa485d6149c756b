"""Where the servers keep their data and sockets, and under which account PostgreSQL runs.

PostgreSQL refuses to run as root, so root hands it to another account. That account must reach the programs and the data;
where a parent folder is closed to it, both go to /var/lib: the parents belong to the user, and their modes are not ours to change.
"""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SYSTEM_FOLDER = Path("/var/lib/anso-portal")
LONGEST_SOCKET = 100  # The system's limit is 107 bytes on Linux and 103 on macOS.
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


class PlaceProblem(Exception):
    """A folder cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @property
    def popen(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def private_folder(path: Path, account: Account | None = None, *, mode: int = 0o700) -> Path:
    """Makes the folder, or mends the mode of ours."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
        if account and path.stat().st_uid != account.uid:
            os.chown(path, account.uid, account.gid)
    except OSError as problem:
        raise PlaceProblem(
            f"{path} cannot be used ({problem.strerror}). Does it belong to another account?"
        ) from problem
    return path


def state_folder(path: Path) -> Path:
    """`.anso/`: closed, except that root's lets PostgreSQL's account pass through."""
    return private_folder(path, mode=0o711 if os.geteuid() == 0 else 0o700)


def postgres_account(data: Path) -> Account | None:
    """The account to run PostgreSQL under, or None for our own: the owner of the data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PlaceProblem(
        "PostgreSQL does not run as root, and there is no account named postgres or nobody to run it under."
    )


def reaches(account: Account | None, path: Path) -> bool:
    """Whether the account may pass through every folder down to the path: asked of the system, which knows of ACLs too."""
    if account is None:
        return True
    test = subprocess.run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], cwd="/", timeout=10, **account.popen)
    return test.returncode == 0


def postgres_folder(state: Path, account: Account | None) -> Path:
    """`.anso/pg`, or a folder in /var/lib that `.anso/pg` then links to."""
    folder = state / "pg"
    if not folder.is_symlink() and reaches(account, state):
        return private_folder(folder, account)
    if not folder.is_symlink():
        elsewhere = _system_folder(state) / "pg"
        if elsewhere.exists():  # Left by an earlier clone at this path; not ours to use or to delete.
            elsewhere.rename(elsewhere.with_name(f"pg-of-an-earlier-clone-{int(time.time())}"))
        if folder.exists():
            _move(folder, elsewhere)
        private_folder(elsewhere, account)
        folder.symlink_to(elsewhere)
    return private_folder(folder.resolve(), account)


def _move(folder: Path, target: Path) -> None:
    """With its owner, though it may go to another file system."""
    try:
        folder.rename(target)
    except OSError:
        subprocess.run(["cp", "-a", str(folder), str(target)], check=True, timeout=3600)
        shutil.rmtree(folder)


def reachable_programs(programs: Path, state: Path, account: Account | None) -> Path:
    """The folder with PostgreSQL's programs, copied to where the account reaches them if need be."""
    if reaches(account, programs / "postgres"):
        return programs
    package = (
        programs.parent.parent
    )  # A wheel: its libraries lie beside the package, and programs find them from where they are.
    copy = _system_folder(state) / f"postgresql-{_fingerprint(programs / 'postgres')}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(programs.parent, unfinished / package.name / programs.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for folder in (unfinished, unfinished / package.name):
            folder.chmod(0o755)
        unfinished.rename(copy)
    return copy / programs.relative_to(package.parent)


def _system_folder(state: Path) -> Path:
    private_folder(SYSTEM_FOLDER, mode=0o711)
    name = hashlib.sha256(os.fsencode(state.parent)).hexdigest()[:16]
    return private_folder(SYSTEM_FOLDER / name, mode=0o711)


def _fingerprint(program: Path) -> str:
    facts = program.stat()
    return hashlib.sha256(f"{program} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:12]


def awkward(socket: Path) -> bool:
    """Too long for a socket, or with characters that every client's address parser would read differently."""
    return len(os.fsencode(socket)) > LONGEST_SOCKET or not PLAIN.fullmatch(str(socket))


def short_folder() -> Path:
    """A new folder for sockets under the system's temporary one, which nobody else can have made ready."""
    parent = Path(tempfile.gettempdir())
    if len(os.fsencode(parent)) > 60 or not PLAIN.fullmatch(str(parent)):
        parent = Path("/tmp")  # noqa: S108 (mkdtemp makes the folder inside it safely)
    folder = Path(tempfile.mkdtemp(prefix="anso-", dir=parent))
    return state_folder(folder)
