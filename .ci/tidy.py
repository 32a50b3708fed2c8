#!/usr/bin/env python3
"""Holds the tree against its own rules: layers, banned words in core, lengths, names of machines.

Prints `file:line: message` for each finding and exits 1 when there is one.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ["base", "schema", "merge", "storage", "sync", "services", "store"]
# Public headers belong to the layer of the source that implements them.
HEADER_LAYER = {
    "result": "base", "clock": "base", "limits": "base", "hybrid_time": "base", "record": "base",
    "time_text": "base", "embedded_schema": "base", "embedded_system": "base", "schema": "schema", "storage": "storage", "selection": "storage",
    "sqlite_storage": "storage", "memory_storage": "storage", "migration": "storage", "change": "sync", "conflict": "sync", "edit": "sync",
    "protocol": "sync", "authority": "sync", "replica": "sync", "preview": "sync", "rejected_write": "sync", "ingest": "services",
    "statistics": "sync", "code_mri": "services", "optional_field": "base", "transactions": "services", "persistence": "services",
    "own_writes": "services", "persistence_reader": "services", "persistence_writer": "services", "synchronization": "services", "conflict_decisions": "services", "cleanup": "services", "archive": "services",
    "freshness": "services", "refresh_task": "sync", "refresh_tasks": "services", "refresh_scheduler": "services",
    "refresh_manager": "services", "refresh_intake": "services", "refresh_task_writer": "services",
    "staleness_reader": "services", "auto_refresh_state": "services", "store": "store",
}
CORE_BANNED = {
    r"\b(system_clock|steady_clock|high_resolution_clock)\b": "take a Clock",
    r"\b(gettimeofday|clock_gettime|std::time)\b": "take a Clock",
    r"(?<![\w.>])time\((0|NULL|nullptr|&)": "take a Clock",
    r"\b(random_device|mt19937|std::rand|srand)\b|(?<![\w.>])rand\(": "take an IdSource",
    r"<(thread|mutex|atomic|future|condition_variable|pthread\.h|stop_token|semaphore)>":
        "core has no threads",
    r"\bstd::(this_thread|j?thread|(shared_|recursive_)?mutex|atomic|async|future)\b":
        "core has no threads",
    r"<(random|chrono|ctime|time\.h)>": "take an IdSource or a Clock",
    r"<(sys/|netinet/|arpa/|unistd\.h|fcntl\.h|fstream|filesystem)": "core knows no files or sockets",
    r"\b(std::cout|std::cerr|puts\(|printf\()": "return the text: core prints nothing",
    r"\bunordered_(map|set)\b": "std::map: the order goes into results",
    r"\b(EM_JS|EM_ASM|EMSCRIPTEN|emscripten)\b": "only wasm/ knows Emscripten",
    r"\bboost\b": "only native/ knows Boost",
    r"\b(setlocale|getenv)\b": "core takes nothing from its surroundings",
    r"\b(throw|try \{|catch \()": "return a Result",
}
WEB_BANNED = {
    "web/src/client": [(r"from '(react|\.\./react)", "the client knows no React")],
    "web/src/worker": [(r"from '(react|\.\./react)", "the worker knows no React")],
    "web/src/react": [(r"from '\.\./worker", "React reaches the worker through the client")],
}
LINE_MAX = 100
FILE_MAX = 400
SOURCE = {".cpp", ".h", ".ts", ".tsx", ".mjs", ".py"}

findings = []


def report(path, line, message):
    findings.append(f"{path}:{line}: {message}")


def layer_of_include(include):
    if include.startswith("twinstore/"):
        return HEADER_LAYER.get(include.removeprefix("twinstore/").removesuffix(".h"))
    first = include.split("/")[0]
    return first if first in LAYERS else None


def layer_of_file(path):
    parts = path.split("/")
    if path.startswith("core/src/"):
        return parts[2]
    return HEADER_LAYER.get(parts[-1].removesuffix(".h"))


def check_core(path, number, line):
    for pattern, instead in CORE_BANNED.items():
        if re.search(pattern, line.split("//")[0]):
            report(path, number, f"banned in core: {instead}")
    match = re.match(r'#include "([^"]+)"', line)
    if not match:
        return
    own, other = layer_of_file(path), layer_of_include(match[1])
    if own is None:
        report(path, number, "this header has no layer in .ci/tidy.py")
    elif other is None:
        report(path, number, f"{match[1]} is outside core's layers")
    elif LAYERS.index(other) > LAYERS.index(own):
        report(path, number, f"{own} must not know {other}")


def check_line(path, number, line):
    suffix = Path(path).suffix
    if suffix in {".cpp", ".h"} and len(line) > LINE_MAX:
        report(path, number, f"longer than {LINE_MAX} columns")
    if line != line.rstrip():
        report(path, number, "white space at the end of the line")
    if re.search(r"(/home/[a-z]|/root/|/Users/)", line) and path != ".ci/tidy.py":
        report(path, number, "a path of one machine")
    if re.search(r"registry\.npm[a-z]|deb\.debian\.org|snapshot\.debian", line) and path != ".ci/tidy.py":
        report(path, number, "a package registry's host")
    if path.startswith("core/") and suffix in {".cpp", ".h"}:
        check_core(path, number, line)
    for folder, rules in WEB_BANNED.items():
        for pattern, why in rules:
            if path.startswith(folder) and re.search(pattern, line):
                report(path, number, why)


def check_tree():
    """The README's map names each top folder, and each name in it exists."""
    readme = ROOT / "README.md"
    if not readme.exists():
        return
    block = re.search(r"<!-- tree -->(.*?)<!-- /tree -->", readme.read_text(), re.S)
    if not block:
        report("README.md", 1, "the map of the code (<!-- tree -->) is missing")
        return
    named = set(re.findall(r"^([\w.]+)/", block[1], re.M))
    tracked = {f.split("/")[0] for f in files() if "/" in f}
    for folder in sorted(tracked - named):
        report("README.md", 1, f"the map of the code does not name {folder}/")
    for folder in sorted(named - tracked):
        report("README.md", 1, f"the map of the code names {folder}/, which is not there")


def check_links(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for target in re.findall(r"\]\(([^)#\s]+)", line):
            if "://" in target:
                continue
            if not (ROOT / path).parent.joinpath(target).exists():
                report(path, number, f"{target} is not there")


def files():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True, check=True)
    return [f for f in listed.stdout.splitlines() if (ROOT / f).is_file()]


def main():
    checked = 0
    for path in files():
        file = ROOT / path
        if path.endswith("package-lock.json") or file.suffix in {".png", ".svg", ".ico", ".json"}:
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        checked += 1
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            check_line(path, number, line)
        if file.suffix in SOURCE and len(lines) > FILE_MAX:
            report(path, len(lines), f"longer than {FILE_MAX} lines: which second idea does it hold?")
        if file.suffix == ".md":
            check_links(path, text)
    check_tree()
    for finding in findings:
        print(finding)
    print(f"tidy: {checked} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
