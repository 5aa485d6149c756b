"""The supervisor's parts."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells children of the death of their parent.")
