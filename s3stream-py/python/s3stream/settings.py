"""The settings of a client: made from the table of the core, and compared with it by its tests."""

from __future__ import annotations

import os

from s3stream import _native
from s3stream._hints import HINTED

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Any, Dict, List, Optional, Tuple, Union

__all__ = ["UNSET", "Settings"]


class _Unset:
    """What no caller says."""

    def __repr__(self) -> str:
        return "UNSET"


#: Not said: environment and profile say it, or the default holds. `None` is the same.
UNSET: Any = _Unset()


class Settings:
    """What a client is told when it is made; see `Client`."""

    def __init__(
        self,
        endpoint_url: Optional[str] = UNSET,
        region: Optional[str] = UNSET,
        access_key_id: Optional[str] = UNSET,
        secret_access_key: Optional[str] = UNSET,
        session_token: Optional[str] = UNSET,
        profile: Optional[str] = UNSET,
        anonymous: Optional[bool] = UNSET,
        addressing_style: Optional[str] = UNSET,
        use_fips_endpoint: Optional[bool] = UNSET,
        use_dualstack_endpoint: Optional[bool] = UNSET,
        use_accelerate_endpoint: Optional[bool] = UNSET,
        ca_bundle: Optional[Union[str, os.PathLike[str]]] = UNSET,
        verify: Optional[bool] = UNSET,
        proxy: Optional[str] = UNSET,
        connect_timeout: Optional[float] = UNSET,
        stall_timeout: Optional[float] = UNSET,
        idle_timeout: Optional[float] = UNSET,
        max_attempts: Optional[int] = UNSET,
        retry_for: Optional[float] = UNSET,
        retry_base_delay: Optional[float] = UNSET,
        retry_max_delay: Optional[float] = UNSET,
        memory_limit: Optional[int] = UNSET,
        window: Optional[int] = UNSET,
        integrity: Optional[str] = UNSET,
        read_twice: Optional[bool] = UNSET,
        own_digest: Optional[bool] = UNSET,
        require_proof: Optional[str] = UNSET,
        user_agent: Optional[str] = UNSET,
        request_payer: Optional[str] = UNSET,
        sse_customer_key: Optional[str] = UNSET,
    ) -> None:
        """Checks all settings against each other; nothing is sent yet.

        What is not said comes from environment and profile; what is said wins over them, even if
        it is the default, which stands in parentheses.

        endpoint_url: URL of the S3 service, http(s)://host[:port]; AWS itself if absent.
        region: region to sign for; another one is learnt from the server's replies (us-east-1).
        access_key_id: access key id.
        secret_access_key: secret access key.
        session_token: session token of temporary keys.
        profile: profile of the AWS configuration files (default).
        anonymous: send no signature (False).
        addressing_style: auto, path or virtual (auto).
        use_fips_endpoint: use AWS's endpoints whose cryptography is validated by FIPS 140 (False).
        use_dualstack_endpoint: use AWS's endpoints that have IPv6 addresses too (False).
        use_accelerate_endpoint: use AWS's Transfer Acceleration (False).
        ca_bundle: PEM file of certificates to trust instead of the system's.
        verify: check the server's certificate; false is unsafe (True).
        proxy: http://host:port of a proxy for every request, or 'none'; the environment's if
            absent.
        connect_timeout: seconds to make a connection (10).
        stall_timeout: seconds without a byte, while one is waited for (60).
        idle_timeout: seconds after which an unused connection is dropped and made anew (30).
        max_attempts: failures of an object without progress before giving it up (8).
        retry_for: seconds that a running client waits for an endpoint that answers nothing; 0 to
            count attempts alone (600).
        retry_base_delay: seconds before the first retry, doubled each time (0.1).
        retry_max_delay: longest seconds between retries (10).
        memory_limit: bytes of buffers of one client (67108864).
        window: bytes that one reader may hold ahead of its consumer (8388608).
        integrity: proof at the end of an object: full, cheap or length (full).
        read_twice: read an object again whose digest disagrees at a likely part size, to compare
            both reads (True).
        own_digest: make a CRC-64/NVME of all bytes that a reader delivers, whatever proves them
            (True).
        require_proof: what no digest proves: yes fails, warn has programs say so once a job, no is
            silent (warn).
        user_agent: User-Agent of every request (s3stream).
        request_payer: 'requester' where a bucket's readers pay.
        sse_customer_key: base64 of the key of objects encrypted with SSE-C.

        Raises `InvalidInputError` that names the setting, variable, file or profile at fault.
        """
        given: Dict[str, Any] = {
            "endpoint_url": endpoint_url,
            "region": region,
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "session_token": session_token,
            "profile": profile,
            "anonymous": anonymous,
            "addressing_style": addressing_style,
            "use_fips_endpoint": use_fips_endpoint,
            "use_dualstack_endpoint": use_dualstack_endpoint,
            "use_accelerate_endpoint": use_accelerate_endpoint,
            "ca_bundle": ca_bundle,
            "verify": verify,
            "proxy": proxy,
            "connect_timeout": connect_timeout,
            "stall_timeout": stall_timeout,
            "idle_timeout": idle_timeout,
            "max_attempts": max_attempts,
            "retry_for": retry_for,
            "retry_base_delay": retry_base_delay,
            "retry_max_delay": retry_max_delay,
            "memory_limit": memory_limit,
            "window": window,
            "integrity": integrity,
            "read_twice": read_twice,
            "own_digest": own_digest,
            "require_proof": require_proof,
            "user_agent": user_agent,
            "request_payer": request_payer,
            "sse_customer_key": sse_customer_key,
        }
        self._handle = _native.client_new(_texts(given))


def _texts(given: Dict[str, Any]) -> List[Tuple[str, str]]:
    """What was said, as the core reads it."""
    return [
        (name, _text(value))
        for name, value in given.items()
        if value is not None and value is not UNSET
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return str(value)
