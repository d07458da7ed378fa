"""A hub on this machine: as much of its protocol as fetching a data set takes, and a list of what was asked for."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from hubcache import commit_of


@contextmanager
def serve(sets: dict[str, dict[str, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """Serve data sets (owner/name -> path -> content); yields the endpoint and the paths asked for so far."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(body=True)

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def answer(self, *, body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            asked.append(f"{self.command} {path}")
            repo = next((repo for repo in sets if f"/datasets/{repo}" in path), None)
            found = content_of(path, repo, sets[repo]) if repo else None
            if repo is None or found is None:
                code = "EntryNotFound" if repo else "RepoNotFound"
                self.send(b"", body=body, status=404, **{"X-Error-Code": code})
            else:
                self.send(found, body=body, **{"X-Repo-Commit": commit_of(repo), "ETag": f'"{sha(found)}"'})

        def send(self, content: bytes, *, body: bool, status: int = 200, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def content_of(path: str, repo: str, files: dict[str, bytes]) -> bytes | None:
    """Answer a request for a data set's file list, its facts or one of its files; None where there is none."""
    if path.startswith(f"/api/datasets/{repo}/tree/"):
        tree = [{"type": "file", "path": n, "size": len(c), "oid": sha(c)} for n, c in files.items()]
        return json.dumps(tree).encode()
    if path.startswith(f"/api/datasets/{repo}"):
        facts = {"id": repo, "sha": commit_of(repo), "siblings": [{"rfilename": name} for name in files]}
        return json.dumps(facts).encode()
    return files.get(path.removeprefix(f"/datasets/{repo}/resolve/").partition("/")[2])


def sha(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()
