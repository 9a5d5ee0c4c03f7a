"""`python -m benchmarks [NAME …]`."""

import sys

from benchmarks.run_all import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
