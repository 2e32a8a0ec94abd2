"""Look the declared dependencies up in the database of known vulnerabilities: ``make audit``.

Audited are the installed versions of what ``pyproject.toml`` declares, with all that those need in turn. Exit status 0:
nothing is known of them; 1: something is, and is listed; 2: it could not be found out, such as without a network.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FINE, VULNERABLE, UNKNOWN = 0, 1, 2
EXTRAS = ("server", "mcp", "cluster", "html")
"""Optional dependencies that users install; those for development reach no user."""

SECONDS = 900


def main() -> int:
    """Audit; returns the exit status."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(line for name in EXTRAS for line in project["optional-dependencies"][name])]
    versions, missing = installed(declared)
    if missing:
        print(f"not audited, because not installed here: {', '.join(missing)}", file=sys.stderr)
    found = looked_up(versions)
    if isinstance(found, str):
        print(f"the audit could not be done: {found}", file=sys.stderr)
        return UNKNOWN
    vulnerable = [(entry, item) for entry in found for item in entry.get("vulns", ())]
    for entry, item in vulnerable:
        fixed = f"; mended in {', '.join(item['fix_versions'])}" if item.get("fix_versions") else ""
        print(f"{entry['name']} {entry['version']}: {item['id']}{fixed}")
    skipped = {str(entry["name"]): str(entry["skip_reason"]) for entry in found if entry.get("skip_reason")}
    skipped |= dict.fromkeys(set(versions) - {canonicalize_name(entry["name"]) for entry in found}, "no answer")
    if skipped:
        first, reason = min(skipped.items())
        whole = f"all {len(versions)}" if len(skipped) == len(versions) else f"{len(skipped)} of {len(versions)}"
        print(f"not audited: {whole} packages, {', '.join(sorted(skipped))}", file=sys.stderr)
        print(f"the audit could not be done; {first}: {reason}; it needs a network that reaches PyPI", file=sys.stderr)
    print(f"{len(versions) - len(skipped)} packages audited, {len(vulnerable)} vulnerabilities known")
    if vulnerable:
        return VULNERABLE
    return UNKNOWN if skipped or missing else FINE


def installed(lines: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The versions of what *lines* ask for and of all that it needs, and what of it is not installed."""
    versions: dict[str, str] = {}
    missing: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in lines]
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = str(canonicalize_name(wanted.name))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            missing.add(name)
            continue
        versions[name] = package.version
        for asked in ("", *wanted.extras):
            if (name, asked) not in seen:
                seen.add((name, asked))
                waiting += [(Requirement(line), asked) for line in package.requires or ()]
    return dict(sorted(versions.items())), sorted(missing)


def looked_up(versions: dict[str, str]) -> list[dict[str, object]] | str:
    """What pip-audit says of each package; why it says nothing, where it does not."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()), "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                [*command, "--format", "json", "--requirement", str(listed)],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"the database did not answer in {SECONDS} s"
    try:
        found: list[dict[str, object]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = (done.stderr or done.stdout).strip().splitlines()
        return f"pip-audit, or the network that it needs, failed: {said[-1] if said else 'it gave no reason'}"
    return found


if __name__ == "__main__":
    sys.exit(main())
