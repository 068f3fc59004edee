"""One signed request over http.client: the path goes out exactly as it was signed.

Signature Version 4 as "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3
API reference describes it, written for these tests: neither s3stream nor botocore has a hand
in it, so that it can be the judge of both.
"""

import datetime
import hashlib
import hmac
import http.client
import os
from urllib.parse import quote, urlsplit


class Reply:
    def __init__(self, reply):
        self.status = reply.status
        self.headers = {name.lower(): value for name, value in reply.getheaders()}
        self.body = reply.read()


def request(method, bucket, key=None, query=None, body=b"", headers=None):
    """Sends one request to AWS_ENDPOINT_URL, addressed by path."""
    endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    path = f"/{bucket}" if key is None else f"/{bucket}/{quote(key, safe='/-._~')}"
    encoded_query = "&".join(
        f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}"
        for name, value in sorted((query or {}).items())
    )
    fields = {"host": endpoint.netloc, **(headers or {})}
    fields.update(signature(method, path, encoded_query, fields, body))
    connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port, timeout=60)
    try:
        target = path + ("?" + encoded_query if encoded_query else "")
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in fields.items():
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        return Reply(connection.getresponse())
    finally:
        connection.close()


def signature(method, path, query, fields, body):
    """The header fields that sign a request."""
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{os.environ['AWS_REGION']}/s3/aws4_request"
    payload = hashlib.sha256(body).hexdigest()
    signed = dict(fields, **{"x-amz-date": time, "x-amz-content-sha256": payload})
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = mac(key, part)
    proof = mac(key, f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={proof}"
    )
    return {"x-amz-date": time, "x-amz-content-sha256": payload, "authorization": authorization}


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
