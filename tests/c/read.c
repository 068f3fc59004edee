/* Reading through C: every byte, every size of buffer, ranges, seeks, and the proven end. */
#include "harness.h"

enum { SIZE = 8 << 20 };

static s3stream_client *client;
static unsigned char expected[SIZE];
static unsigned char buffer[SIZE + 1];

static s3stream_reader *open_big(const s3stream_open_options *options) {
    s3stream_reader *reader = NULL;
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", options, &reader));
    return reader;
}

static void an_object_is_read_to_its_proven_end(void) {
    s3stream_reader *reader = open_big(NULL);
    size_t count = 0;

    CHECK_NUMBER(SIZE, s3stream_object_size(s3stream_reader_object(reader)));
    CHECK(s3stream_reader_verdict(reader) == NULL);
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
    CHECK_NUMBER(SIZE, count);
    CHECK(memcmp(buffer, expected, SIZE) == 0);
    for (int i = 0; i < 3; i++) {
        count = 99;
        CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
        CHECK_NUMBER(0, count);
    }
    const s3stream_verdict *verdict = s3stream_reader_verdict(reader);
    CHECK_TEXT("crc64nvme", s3stream_verdict_method(verdict));
    CHECK(s3stream_verdict_is_proven(verdict));
    CHECK_TEXT(NULL, s3stream_verdict_unproven(verdict));
    CHECK(!s3stream_verdict_is_probably_damaged(verdict));
    CHECK_TEXT("crc64nvme", s3stream_verdict_digest_algorithm(verdict));
    CHECK_NUMBER(12, strlen(s3stream_verdict_own_digest(verdict)));
    CHECK_TEXT(s3stream_verdict_digest(verdict), s3stream_verdict_own_digest(verdict));
    CHECK_NUMBER(SIZE, s3stream_verdict_bytes(verdict));
    CHECK_NUMBER(0, s3stream_verdict_reread(verdict));
    CHECK_NUMBER(0, s3stream_verdict_resumes(verdict));
    CHECK_NUMBER(0, s3stream_verdict_retries(verdict));
    s3stream_verdict *copy = s3stream_verdict_clone(verdict);
    s3stream_reader_free(reader);
    CHECK_TEXT("crc64nvme", s3stream_verdict_method(copy));
    s3stream_verdict_free(copy);
    claim("an object is read to its proven end, which stays the end");
}

static void buffers_of_any_size_do(void) {
    static const size_t SIZES[] = {1, 2, 4095, 65536, 65537, 1 << 20};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        s3stream_reader *reader = open_big(NULL);
        size_t offset = 0;
        size_t count;
        /* A byte at a time is slow where every instruction is watched. */
        while (offset < SIZE && (SIZES[i] > 2 || offset < 3000)) {
            size_t room = SIZES[i] < SIZE - offset ? SIZES[i] : SIZE - offset;
            CHECK_STATUS(OK, s3stream_reader_read(reader, buffer + offset, SIZES[i], &count));
            CHECK_NUMBER(room, count);
            offset += count;
        }
        CHECK(memcmp(buffer, expected, offset) == 0);
        CHECK_NUMBER(offset, s3stream_reader_position(reader));
        s3stream_reader_free(reader);
    }
    claim("buffers of 1 byte to 1 MiB are filled");
}

static void a_buffer_of_no_bytes_is_no_end(void) {
    s3stream_reader *reader = open_big(NULL);
    size_t count = 77;

    CHECK_STATUS(INVALID_INPUT, s3stream_reader_read(reader, buffer, 0, &count));
    CHECK_LINE("length is 0");
    CHECK_NUMBER(77, count);
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, 10, &count));
    CHECK_NUMBER(10, count);
    CHECK(memcmp(buffer, expected, 10) == 0);
    s3stream_reader_free(reader);
    claim("a buffer of 0 bytes is refused, and the reader goes on");
}

static void parts_are_read(void) {
    s3stream_open_options *options = s3stream_open_options_new();
    size_t count;

    CHECK_STATUS(OK, s3stream_open_options_set_offset(options, 1000001));
    CHECK_STATUS(OK, s3stream_open_options_set_length(options, 70000));
    s3stream_reader *reader = open_big(options);
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
    CHECK_NUMBER(70000, count);
    CHECK(memcmp(buffer, expected + 1000001, count) == 0);
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
    CHECK_NUMBER(0, count);
    CHECK_TEXT("range", s3stream_verdict_method(s3stream_reader_verdict(reader)));
    CHECK(!s3stream_verdict_is_proven(s3stream_reader_verdict(reader)));
    CHECK_TEXT("range", s3stream_verdict_unproven(s3stream_reader_verdict(reader)));
    CHECK_STATUS(OK, s3stream_reader_seek(reader, 5));
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, 7, &count));
    CHECK(count == 7 && memcmp(buffer, expected + 5, 7) == 0);
    s3stream_reader_free(reader);
    s3stream_open_options_free(options);
    claim("parts are read from any byte, and proven as parts");
}

static void offsets_beyond_the_end_are_no_end(void) {
    s3stream_open_options *options = s3stream_open_options_new();
    s3stream_reader *reader = NULL;
    size_t count = 5;

    CHECK_STATUS(OK, s3stream_open_options_set_offset(options, UINT64_C(1) << 40));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_open(client, "bucket", "big", options, &reader));
    CHECK(reader == NULL);
    /* With that length it would reach beyond what 64 bits count. */
    CHECK_STATUS(OK, s3stream_open_options_set_offset(options, UINT64_C(1) << 62));
    CHECK_STATUS(OK, s3stream_open_options_set_length(options, UINT64_MAX));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_open(client, "bucket", "big", options, &reader));
    CHECK(reader == NULL);
    s3stream_open_options_free(options);

    /* A seek behind the end is what it is of a file. */
    reader = open_big(NULL);
    CHECK_STATUS(OK, s3stream_reader_seek(reader, UINT64_C(1) << 40));
    CHECK_NUMBER(UINT64_C(1) << 40, s3stream_reader_position(reader));
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, 10, &count));
    CHECK_NUMBER(0, count);
    CHECK_TEXT("range", s3stream_verdict_method(s3stream_reader_verdict(reader)));
    s3stream_reader_free(reader);
    claim("an offset of 2^40 is refused, a seek to it finds nothing to read");
}

static void what_is_not_there_is_told(void) {
    s3stream_reader *reader = NULL;
    s3stream_object *object = NULL;
    s3stream_open_options *options = s3stream_open_options_new();

    CHECK_STATUS(NOT_FOUND, s3stream_client_open(client, "bucket", "none", NULL, &reader));
    CHECK_TEXT("NoSuchKey", s3stream_error_code(s3stream_last_error()));
    CHECK_TEXT("s3://bucket/none", s3stream_error_url(s3stream_last_error()));
    CHECK_STATUS(NOT_FOUND, s3stream_client_open(client, "none", "big", NULL, &reader));
    CHECK_TEXT("NoSuchBucket", s3stream_error_code(s3stream_last_error()));
    CHECK_STATUS(NOT_FOUND, s3stream_client_head(client, "bucket", "none", NULL, &object));
    CHECK_STATUS(OK, s3stream_open_options_set_if_match(options, "another"));
    CHECK_STATUS(CHANGED, s3stream_client_open(client, "bucket", "big", options, &reader));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_open(client, "bucket", "", NULL, &reader));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_open(client, "bucket", "\xc3", NULL, &reader));
    CHECK(reader == NULL && object == NULL);
    s3stream_open_options_free(options);

    /* A kept error outlives the next one. */
    s3stream_error *kept = s3stream_error_clone(s3stream_last_error());
    CHECK_STATUS(NOT_FOUND, s3stream_client_open(client, "bucket", "none", NULL, &reader));
    CHECK_NUMBER(S3STREAM_INVALID_INPUT, s3stream_error_status(kept));
    s3stream_error_free(kept);
    claim("what is not there, or not the same, is told");
}

static void an_object_is_described(void) {
    s3stream_object *object = NULL;

    CHECK_STATUS(OK, s3stream_client_head(client, "bucket", "big", NULL, &object));
    CHECK_NUMBER(SIZE, s3stream_object_size(object));
    CHECK(s3stream_object_checksum_count(object) >= 1);
    CHECK_TEXT("crc64nvme", s3stream_object_checksum_algorithm(object, 0));
    CHECK_NUMBER(12, strlen(s3stream_object_checksum_value(object, 0)));
    CHECK_TEXT(NULL, s3stream_object_checksum_value(object, 99));
    CHECK_NUMBER(0, s3stream_object_metadata_count(object));
    CHECK_TEXT(NULL, s3stream_object_metadata_name(object, 0));
    s3stream_object_free(object);
    claim("head describes an object, its checksums too");
}

static void counters_count(void) {
    s3stream_stats *stats = NULL;
    CHECK_STATUS(OK, s3stream_client_stats(client, &stats));
    CHECK(s3stream_stats_requests(stats) > 10);
    CHECK(s3stream_stats_bytes(stats) > SIZE);
    CHECK_NUMBER(0, s3stream_stats_throttles(stats));
    CHECK_NUMBER(0, s3stream_stats_unproven(stats));
    CHECK_NUMBER(0, s3stream_stats_outages(stats));
    CHECK_NUMBER(0, s3stream_stats_outages_over(stats));
    CHECK_NUMBER(0, s3stream_stats_outage_seconds(stats));
    s3stream_stats_free(stats);
    claim("counters count");
}

static void handles_outlive_what_made_them(void) {
    s3stream_reader *reader = open_big(NULL);
    size_t count;
    s3stream_client_free(client);
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
    CHECK(count == SIZE && memcmp(buffer, expected, SIZE) == 0);
    s3stream_reader_free(reader);
    claim("a reader outlives its client");
}

int main(void) {
    struct server server = server_start_embedded();
    client = client_for(server_url(&server));
    pattern(1, 0, expected, SIZE);
    an_object_is_read_to_its_proven_end();
    buffers_of_any_size_do();
    a_buffer_of_no_bytes_is_no_end();
    parts_are_read();
    offsets_beyond_the_end_are_no_end();
    what_is_not_there_is_told();
    an_object_is_described();
    counters_count();
    handles_outlive_what_made_them();
    CHECK_NUMBER(0, server_stop(&server));
    return done();
}
