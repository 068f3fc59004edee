/* The table of statuses is the one that Rust and Python have, errnos included. */
#include "harness.h"

#include <errno.h>

static const struct {
    s3stream_status status;
    int number;
    int number_of_errno;
    const char *name;
} TABLE[] = {
    {S3STREAM_OK, 0, 0, "ok"},
    {S3STREAM_INVALID_INPUT, 1, EINVAL, "invalid_input"},
    {S3STREAM_NOT_FOUND, 2, ENOENT, "not_found"},
    {S3STREAM_ACCESS_DENIED, 3, EACCES, "access_denied"},
    {S3STREAM_CHANGED, 4, ESTALE, "changed"},
    {S3STREAM_THROTTLED, 5, EBUSY, "throttled"},
    {S3STREAM_TIMED_OUT, 6, ETIMEDOUT, "timed_out"},
    {S3STREAM_CONNECTION, 7, ECONNABORTED, "connection"},
    {S3STREAM_SERVICE, 8, EIO, "service"},
    {S3STREAM_PROTOCOL, 9, EPROTO, "protocol"},
    {S3STREAM_INTEGRITY, 10, EBADMSG, "integrity"},
    {S3STREAM_CANCELLED, 11, ECANCELED, "cancelled"},
    {S3STREAM_INTERNAL, 12, ENOTRECOVERABLE, "internal"},
    {S3STREAM_ARCHIVED, 13, ENODATA, "archived"},
    {S3STREAM_ALREADY_EXISTS, 14, EEXIST, "already_exists"},
    {S3STREAM_UNSUPPORTED, 15, ENOTSUP, "unsupported"},
};

int main(void) {
    const int count = (int)(sizeof TABLE / sizeof *TABLE);
    for (int i = 0; i < count; i++) {
        CHECK_NUMBER(i, TABLE[i].number);
        CHECK_NUMBER(TABLE[i].status, TABLE[i].number);
        CHECK_NUMBER(TABLE[i].number_of_errno, s3stream_status_errno(TABLE[i].status));
        CHECK_TEXT(TABLE[i].name, s3stream_status_name(TABLE[i].status));
    }
    claim("each status has its number, errno and name");

    CHECK_TEXT(NULL, s3stream_status_name(count));
    CHECK_TEXT(NULL, s3stream_status_name(-1));
    CHECK_NUMBER(EINVAL, s3stream_status_errno(count));
    claim("what is no status has no name");

    CHECK_NUMBER(S3STREAM_ABI_VERSION, s3stream_abi_version());
    CHECK(strlen(s3stream_version()) >= strlen("0.0.0"));
    CHECK(sizeof(s3stream_status) == 4);
    claim("the library is of the header's ABI version");
    return done();
}
