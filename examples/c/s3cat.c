/* s3cat s3://BUCKET/KEY: writes an object to standard output.
 *
 *     cc -o s3cat s3cat.c $(pkg-config --cflags --libs s3stream)
 *
 * Exit status: 0 if the object was read to its end and no digest of the server disagrees, 1 if
 * not, 2 for a wrong command line. What is said at the end names the digest, or why there is none.
 */
#include <inttypes.h>
#include <s3stream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(void) {
    fprintf(stderr, "s3cat: %s\n", s3stream_error_line(s3stream_last_error()));
    return 1;
}

static int write_all(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(1, bytes, count);
        if (written < 0) {
            perror("s3cat: standard output");
            return -1;
        }
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

int main(int count, char **arguments) {
    static char buffer[256 * 1024];
    s3stream_client *client = NULL;
    s3stream_reader *reader = NULL;
    s3stream_status status;
    size_t filled = 0;

    char *slash = count == 2 && strncmp(arguments[1], "s3://", 5) == 0
                      ? strchr(arguments[1] + 5, '/')
                      : NULL;
    if (slash == NULL) {
        fprintf(stderr, "usage: s3cat s3://BUCKET/KEY\n");
        return 2;
    }
    *slash = 0;
    /* NULL: as the environment and ~/.aws say; all of the newest version. */
    if (s3stream_client_new(NULL, &client) != S3STREAM_OK ||
        s3stream_client_open(client, arguments[1] + 5, slash + 1, NULL, &reader) != S3STREAM_OK) {
        return fail();
    }
    while ((status = s3stream_reader_read(reader, buffer, sizeof buffer, &filled)) ==
               S3STREAM_OK &&
           filled > 0) {
        if (write_all(buffer, filled) != 0) {
            return 1;
        }
    }
    if (status != S3STREAM_OK) {
        return fail();
    }
    const s3stream_verdict *verdict = s3stream_reader_verdict(reader);
    fprintf(stderr, "s3cat: %" PRIu64 " bytes, %s %s\n", s3stream_verdict_bytes(verdict),
            s3stream_verdict_is_proven(verdict) ? "proven by" : "not proven by a digest:",
            s3stream_verdict_is_proven(verdict) ? s3stream_verdict_method(verdict)
                                                : s3stream_verdict_unproven(verdict));
    s3stream_reader_free(reader);
    s3stream_client_free(client);
    return 0;
}
