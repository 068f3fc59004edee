"""A server of one bucket whose objects have the times that a test gives them."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timezone
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

#: Entries of a page: few, so that pages end between neighbours.
PAGE = 3


class Dated(NamedTuple):
    """An object: its bytes, and when its upload began, in seconds since 1970."""

    body: bytes
    time: int

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body).hexdigest()}"'


class DatedServer:
    """Serves `objects`, which the test changes between two jobs, to whoever asks."""

    access_key_id = "nobody"
    secret_access_key = "nothing"
    region = "us-east-1"

    def __init__(self, bucket: str) -> None:
        self.objects: Dict[str, Dated] = {}
        #: Whether a request is answered by 500: asked for each, with the key or "".
        self.refuses: Callable[[str], bool] = lambda key: False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(bucket))
        self._server.daemon_threads = True
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, bucket: str, query: Dict[str, Any]) -> bytes:
        """A page of ListObjectsV2."""
        after = query.get("continuation-token") or query.get("start-after") or [""]
        behind = [key for key in self.objects if key.encode() > after[0].encode()]
        keys = sorted(behind, key=str.encode)
        size = min(PAGE, int(query.get("max-keys", [PAGE])[0]))
        is_cut, token = len(keys) > size, ""
        if is_cut:
            token = f"<NextContinuationToken>{escape(keys[size - 1])}</NextContinuationToken>"
        return (
            f"<ListBucketResult><Name>{bucket}</Name><EncodingType>url</EncodingType>"
            f"<KeyCount>{len(keys[:size])}</KeyCount><MaxKeys>{size}</MaxKeys>"
            f"<IsTruncated>{str(is_cut).lower()}</IsTruncated>{token}"
            f"{''.join(self._entry(key) for key in keys[:size])}</ListBucketResult>"
        ).encode()

    def _entry(self, key: str) -> str:
        found = self.objects[key]
        moment = datetime.fromtimestamp(found.time, timezone.utc)
        return (
            f"<Contents><Key>{escape(quote(key))}</Key>"
            f"<LastModified>{moment:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
            f"<ETag>{escape(found.etag)}</ETag><Size>{len(found.body)}</Size></Contents>"
        )

    def _handler(self, bucket: str) -> Any:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802
                url = urlsplit(self.path)
                key = unquote(url.path[len(f"/{bucket}/") :])
                if server.refuses(key):
                    self.answer(500, b"<Error><Code>InternalError</Code></Error>", {})
                elif url.path.rstrip("/") == f"/{bucket}" and "list-type" in url.query:
                    query = parse_qs(url.query, keep_blank_values=True)
                    self.answer(200, server.page(bucket, query), {})
                elif url.path == "/":
                    self.answer(403, b"<Error><Code>AccessDenied</Code></Error>", {})
                elif key in server.objects:
                    found = server.objects[key]
                    time = formatdate(found.time, usegmt=True)
                    self.answer(200, found.body, {"ETag": found.etag, "Last-Modified": time})
                else:
                    self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {})

            def do_HEAD(self) -> None:  # noqa: N802
                """Asked of the bucket, to see whether anybody is there."""
                self.answer(500 if server.refuses("") else 200, b"", {})

            def answer(self, status: int, body: bytes, headers: Dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        return Handler
