"""Object Lock, archived objects and what brings them back."""

import datetime
import time

from embedded_checks.harness import client, fails, headers, running

UNTIL = datetime.datetime(2090, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
LATER = UNTIL.replace(year=2091)
PAST = UNTIL.replace(year=2020)


def check_locks():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        assert s3.get_bucket_versioning(Bucket="locked")["Status"] == "Enabled"
        configuration = s3.get_object_lock_configuration(Bucket="locked")
        assert configuration["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
        with fails("ObjectLockConfigurationNotFoundError", 404):
            s3.get_object_lock_configuration(Bucket="bucket")
        governed(s3)
        for_good(s3)
        held(s3)
        lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL}
        with fails("InvalidRequest", 400):
            s3.put_object(Bucket="bucket", Key="key", Body=b"x", **lock)
        with fails("InvalidArgument", 400):
            lock["ObjectLockRetainUntilDate"] = PAST
            s3.put_object(Bucket="locked", Key="key", Body=b"x", **lock)
        with fails("InvalidArgument", 400):
            s3.put_object(Bucket="locked", Key="key", Body=b"x", ObjectLockMode="GOVERNANCE")


def governed(s3):
    target = {"Bucket": "locked", "Key": "governed"}
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL}
    version = s3.put_object(**target, Body=b"x", **lock)["VersionId"]
    for read in (s3.head_object, s3.get_object):
        reply = read(**target)
        assert reply["ObjectLockMode"] == "GOVERNANCE"
        assert reply["ObjectLockRetainUntilDate"] == UNTIL
    retention = s3.get_object_retention(**target)["Retention"]
    assert retention == {"Mode": "GOVERNANCE", "RetainUntilDate": UNTIL}
    with fails("NoSuchObjectLockConfiguration", 404):
        s3.get_object_legal_hold(**target)
    with fails("AccessDenied", 403):
        s3.delete_object(**target, VersionId=version)
    # A delete marker comes on top all the same, and goes again.
    marker = s3.delete_object(**target)["VersionId"]
    s3.delete_object(**target, VersionId=marker)
    shorter = {"Mode": "GOVERNANCE", "RetainUntilDate": UNTIL.replace(year=2080)}
    with fails("AccessDenied", 403):
        s3.put_object_retention(**target, Retention=shorter)
    s3.put_object_retention(**target, Retention=shorter, BypassGovernanceRetention=True)
    s3.delete_object(**target, VersionId=version, BypassGovernanceRetention=True)
    with fails("404", 404):
        s3.head_object(**target)


def for_good(s3):
    target = {"Bucket": "locked", "Key": "for good"}
    upload = s3.create_multipart_upload(
        **target, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=UNTIL
    )
    upload = {**target, "UploadId": upload["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    version = s3.complete_multipart_upload(**upload, MultipartUpload=parts)["VersionId"]
    assert s3.head_object(**target)["ObjectLockMode"] == "COMPLIANCE"
    with fails("AccessDenied", 403):
        s3.delete_object(**target, VersionId=version, BypassGovernanceRetention=True)
    longer = {"Mode": "COMPLIANCE", "RetainUntilDate": LATER}
    s3.put_object_retention(**target, Retention=longer)
    assert s3.get_object_retention(**target)["Retention"] == longer


def held(s3):
    target = {"Bucket": "locked", "Key": "held"}
    version = s3.put_object(**target, Body=b"x", ObjectLockLegalHoldStatus="ON")["VersionId"]
    assert s3.get_object_legal_hold(**target)["LegalHold"] == {"Status": "ON"}
    assert s3.head_object(**target)["ObjectLockLegalHoldStatus"] == "ON"
    with fails("AccessDenied", 403):
        s3.delete_object(**target, VersionId=version, BypassGovernanceRetention=True)
    reply = s3.delete_objects(
        Bucket="locked", Delete={"Objects": [{"Key": "held", "VersionId": version}]}
    )
    assert reply["Errors"][0]["Code"] == "AccessDenied"
    s3.put_object_legal_hold(**target, LegalHold={"Status": "OFF"})
    s3.delete_object(**target, VersionId=version)


def check_archived():
    with running("--bucket", "bucket") as environment:
        s3 = client(environment)
        target = {"Bucket": "bucket", "Key": "cold"}
        s3.put_object(**target, Body=b"x", StorageClass="DEEP_ARCHIVE")
        s3.put_object(Bucket="bucket", Key="warm", Body=b"x", StorageClass="GLACIER_IR")
        with fails("InvalidObjectState", 403):
            s3.get_object(**target)
        with fails("InvalidObjectState", 403):
            restore(s3, "warm", "Standard")
        assert "Restore" not in s3.head_object(**target)
        assert restore(s3, "cold", "Standard") == 202
        assert s3.head_object(**target)["Restore"] == 'ongoing-request="true"'
        listed = s3.list_objects_v2(Bucket="bucket", OptionalObjectAttributes=["RestoreStatus"])
        assert listed["Contents"][0]["RestoreStatus"] == {"IsRestoreInProgress": True}
        assert "RestoreStatus" not in listed["Contents"][1]
        with fails("RestoreAlreadyInProgress", 409):
            restore(s3, "cold", "Standard")
        s3.put_object(Bucket="bucket", Key="quick", Body=b"y", StorageClass="GLACIER")
        assert restore(s3, "quick", "Expedited") == 202
        assert restore(s3, "quick", "Expedited") == 200
        assert s3.get_object(Bucket="bucket", Key="quick")["Body"].read() == b"y"
        told = s3.head_object(Bucket="bucket", Key="quick")
        assert told["Restore"].startswith('ongoing-request="false", expiry-date="')
        assert told["StorageClass"] == "GLACIER"
        listed = s3.list_objects_v2(
            Bucket="bucket", Prefix="quick", OptionalObjectAttributes=["RestoreStatus"]
        )
        status = listed["Contents"][0]["RestoreStatus"]
        assert not status["IsRestoreInProgress"]
        assert status["RestoreExpiryDate"].timestamp() > time.time()
        assert "x-amz-restore" in headers(told)


def restore(s3, key, tier):
    request = {"Days": 2, "GlacierJobParameters": {"Tier": tier}}
    reply = s3.restore_object(Bucket="bucket", Key=key, RestoreRequest=request)
    return reply["ResponseMetadata"]["HTTPStatusCode"]
