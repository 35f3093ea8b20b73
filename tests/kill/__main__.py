"""Kill workers, and judge. Progress on stderr; stdout ends with one JSON object; exit 1 on a duplicate or a loss."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import time
from dataclasses import asdict

from campaign import log
from tests.kill import engines
from tests.kill.run import Options, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--mails", type=int, default=1500, help="of each wave; there are as many waves as it takes")
    parser.add_argument("--faults", type=float, default=0.05, help="share of requests that meet a fault by seed")
    parser.add_argument("--pause", type=float, default=0.15, help="longest seconds of work before a kill")
    parser.add_argument("--engine", choices=[engines.OURS, *engines.BAD], default=engines.OURS)
    options = Options(**vars(parser.parse_args()))
    log.configure(level=logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        verdict = run(options)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    seconds = round(time.monotonic() - started, 1)
    found = asdict(verdict) | {"kills": options.kills, "seconds": seconds, "seed": options.seed}
    order = ("mails", "kills", "duplicates", "losses", "unknown", "unknown_accepted", "seconds", "seed")
    print(json.dumps({name: found[name] for name in order}))
    return 1 if verdict.duplicates or verdict.losses else 0


if __name__ == "__main__":
    sys.exit(main())
