/* s3ls s3://BUCKET[/PREFIX]: lists a bucket: size, time, key.
 *
 *     cc -o s3ls s3ls.c $(pkg-config --cflags --libs s3stream)
 *
 * Exit status: 0 if the listing is complete, 1 if it is not, 2 for a wrong command line.
 */
#include <inttypes.h>
#include <s3stream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int fail(void) {
    fprintf(stderr, "s3ls: %s\n", s3stream_error_line(s3stream_last_error()));
    return 1;
}

/* A key may hold anything: nothing of it may look like a line of ours, move the cursor or turn the
 * direction of writing. What is escaped: controls (C0, DEL, and C1, which are c2 80 to c2 9f in
 * UTF-8), and marks that cannot be seen (e2 80 8b to 8f and a8 to ae, e2 81 a0 to af, d8 9c,
 * ef bb bf). */
static size_t unseen(const unsigned char *at, size_t rest) {
    if (at[0] < 0x20 || at[0] == 0x7f) return 1;
    if (rest >= 2 && at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) return 2;
    if (rest >= 2 && at[0] == 0xd8 && at[1] == 0x9c) return 2;
    if (rest < 3) return 0;
    if (at[0] == 0xe2 && at[1] == 0x80 &&
        ((at[2] >= 0x8b && at[2] <= 0x8f) || (at[2] >= 0xa8 && at[2] <= 0xae))) return 3;
    if (at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa0 && at[2] <= 0xaf) return 3;
    if (at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf) return 3;
    return 0;
}

static void print_key(const char *key, size_t length) {
    const unsigned char *bytes = (const unsigned char *)key;
    for (size_t i = 0; i < length;) {
        size_t hidden = unseen(bytes + i, length - i);
        if (hidden == 0) putchar(bytes[i++]);
        for (; hidden > 0; hidden--) printf("\\x%02x", bytes[i++]);
    }
    putchar('\n');
}

static void print(const s3stream_object *object) {
    char text[32] = "-";
    int64_t seconds;
    struct tm time;

    if (s3stream_object_last_modified(object, &seconds)) {
        time_t value = (time_t)seconds;
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&value, &time));
    }
    printf("%14" PRIu64 "  %s  ", s3stream_object_size(object), text);
    print_key(s3stream_object_key(object), s3stream_object_key_length(object));
}

int main(int count, char **arguments) {
    s3stream_client *client = NULL;
    s3stream_list_options *options = s3stream_list_options_new();
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    s3stream_status status;

    if (count != 2 || strncmp(arguments[1], "s3://", 5) != 0) {
        fprintf(stderr, "usage: s3ls s3://BUCKET[/PREFIX]\n");
        return 2;
    }
    char *bucket = arguments[1] + 5;
    char *slash = strchr(bucket, '/');
    if (slash != NULL) {
        *slash = 0;
        status = s3stream_list_options_set_prefix(options, slash + 1);
    } else {
        status = S3STREAM_OK;
    }
    /* NULL: as the environment and ~/.aws say. */
    if (status != S3STREAM_OK || s3stream_client_new(NULL, &client) != S3STREAM_OK ||
        s3stream_client_list(client, bucket, options, &list) != S3STREAM_OK) {
        return fail();
    }
    while ((status = s3stream_list_next(list, &entry)) == S3STREAM_OK && entry != NULL) {
        /* Without a delimiter every entry is an object. */
        print(s3stream_entry_object(entry));
    }
    int exit_status = status == S3STREAM_OK ? 0 : fail();
    s3stream_list_free(list);
    s3stream_client_free(client);
    s3stream_list_options_free(options);
    return fflush(stdout) == 0 ? exit_status : 1;
}
