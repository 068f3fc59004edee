/* Streams through C: from a listing or from keys, in order, each object with its own outcome. */
#include "harness.h"

#include <pthread.h>
#include <unistd.h>

static s3stream_client *client;

/* Reads to the end; the bytes. */
static uint64_t drain(s3stream_reader *reader) {
    static char buffer[65536];
    uint64_t total = 0;
    size_t count;
    do {
        CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
        total += count;
    } while (count > 0);
    CHECK_NUMBER(total, s3stream_verdict_bytes(s3stream_reader_verdict(reader)));
    return total;
}

static void a_listing_is_streamed_in_its_order(void) {
    s3stream_list *list = NULL;
    s3stream_stream *stream = NULL;
    s3stream_reader *reader = NULL;
    s3stream_reader *before = NULL;
    char last[1025] = "";
    size_t count = 0;

    CHECK_STATUS(OK, s3stream_client_list(client, "bucket", NULL, &list));
    CHECK_STATUS(OK, s3stream_client_stream(client, "bucket", NULL, &stream));
    CHECK_STATUS(OK, s3stream_stream_feed(stream, list));
    /* It goes on without its handle. */
    s3stream_list_free(list);
    for (;;) {
        CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
        /* The reader before may still be there. */
        s3stream_reader_free(before);
        before = reader;
        if (reader == NULL) {
            break;
        }
        const s3stream_object *object = NULL;
        CHECK_STATUS(OK, s3stream_reader_opened(reader, &object));
        CHECK(strcmp(last, s3stream_object_key(object)) < 0);
        snprintf(last, sizeof last, "%s", s3stream_object_key(object));
        CHECK_NUMBER(s3stream_object_size(object), drain(reader));
        count++;
    }
    CHECK_NUMBER(2501, count);
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK(reader == NULL);
    s3stream_stream_free(stream);
    claim("a listing of 2501 objects is streamed in its order, each proven");
}

static void objects_that_are_pushed_come_in_that_order(void) {
    s3stream_stream_options *options = s3stream_stream_options_new();
    s3stream_stream *stream = NULL;
    s3stream_reader *reader = NULL;
    s3stream_wanted *wanted = NULL;
    s3stream_object *object = NULL;
    char byte;
    size_t count;

    CHECK_STATUS(OK, s3stream_stream_options_set_concurrency(options, 4));
    CHECK_STATUS(OK, s3stream_client_stream(client, "bucket", options, &stream));
    s3stream_stream_options_free(options);
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK(reader == NULL);
    CHECK(s3stream_stream_has_room(stream));

    CHECK_STATUS(OK, s3stream_client_head(client, "bucket", "big", NULL, &object));
    CHECK_STATUS(OK, s3stream_stream_push_object(stream, object));
    CHECK_STATUS(OK, s3stream_stream_push_key(stream, "none"));
    CHECK_STATUS(OK, s3stream_wanted_of_object(object, &wanted));
    CHECK_STATUS(OK, s3stream_wanted_set_if_match(wanted, "another"));
    CHECK_STATUS(OK, s3stream_stream_push(stream, wanted));
    s3stream_wanted_free(wanted);
    CHECK_STATUS(OK, s3stream_wanted_of_key("big", &wanted));
    CHECK_STATUS(OK, s3stream_wanted_set_size(wanted, 8 << 20));
    CHECK_STATUS(OK, s3stream_wanted_set_ahead(wanted, false));
    CHECK_STATUS(OK, s3stream_stream_push(stream, wanted));
    s3stream_wanted_free(wanted);
    s3stream_object_free(object);

    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK_NUMBER(8 << 20, drain(reader));
    s3stream_reader_free(reader);
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK_TEXT("none", s3stream_object_key(s3stream_reader_object(reader)));
    CHECK_STATUS(NOT_FOUND, s3stream_reader_read(reader, &byte, 1, &count));
    CHECK_TEXT("NoSuchKey", s3stream_error_code(s3stream_last_error()));
    s3stream_reader_free(reader);
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK_STATUS(CHANGED, s3stream_reader_read(reader, &byte, 1, &count));
    s3stream_reader_free(reader);
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK_NUMBER(8 << 20, drain(reader));
    s3stream_reader_free(reader);
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK(reader == NULL);

    /* It is not over: more may come. */
    CHECK_STATUS(OK, s3stream_stream_push_key(stream, "big"));
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    s3stream_stream_free(stream);
    CHECK_NUMBER(8 << 20, drain(reader));
    s3stream_reader_free(reader);
    claim("pushed objects come in their order, each with its own outcome");
}

static void a_listing_that_fails_comes_behind_its_objects(void) {
    s3stream_list *list = NULL;
    s3stream_stream *stream = NULL;
    s3stream_reader *reader = NULL;

    CHECK_STATUS(OK, s3stream_client_list(client, "missing", NULL, &list));
    CHECK_STATUS(OK, s3stream_client_stream(client, "bucket", NULL, &stream));
    CHECK_STATUS(OK, s3stream_stream_push_key(stream, "big"));
    CHECK_STATUS(OK, s3stream_stream_feed(stream, list));
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK_NUMBER(8 << 20, drain(reader));
    s3stream_reader_free(reader);
    reader = NULL;
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(NOT_FOUND, s3stream_stream_next(stream, &reader));
        CHECK_TEXT("NoSuchBucket", s3stream_error_code(s3stream_last_error()));
        CHECK(reader == NULL);
    }
    s3stream_stream_free(stream);
    s3stream_list_free(list);
    claim("a listing that fails comes behind the objects before it, and never looks like the end");
}

static void *wait_for_reader(void *argument) {
    s3stream_reader *reader = NULL;
    char byte;
    size_t count;
    s3stream_status status = s3stream_stream_next(argument, &reader);
    if (status == S3STREAM_OK) {
        status = s3stream_reader_read(reader, &byte, 1, &count);
    }
    s3stream_reader_free(reader);
    CHECK_NUMBER(S3STREAM_CANCELLED, status);
    return NULL;
}

static double a_waiting_stream_is_cancelled(void) {
    struct mute mute = mute_start();
    s3stream_client *waiting = client_for(mute.url);
    s3stream_stream *stream = NULL;
    s3stream_reader *reader = NULL;
    pthread_t thread;

    CHECK_STATUS(OK, s3stream_client_stream(waiting, "bucket", NULL, &stream));
    CHECK_STATUS(OK, s3stream_stream_push_key(stream, "key"));
    CHECK(pthread_create(&thread, NULL, wait_for_reader, stream) == 0);
    int connection = mute_wait(&mute);
    double now = seconds();
    CHECK_STATUS(OK, s3stream_stream_cancel(stream));
    CHECK(pthread_join(thread, NULL) == 0);
    double taken = seconds() - now;
    CHECK_STATUS(OK, s3stream_stream_push_key(stream, "key"));
    CHECK_STATUS(CANCELLED, s3stream_stream_next(stream, &reader));
    CHECK(reader == NULL);
    s3stream_stream_free(stream);
    s3stream_client_free(waiting);
    close(connection);
    close(mute.listener);
    return taken;
}

static void a_stream_is_left_in_the_middle(void) {
    for (int taken = 0; taken < 3; taken++) {
        s3stream_list *list = NULL;
        s3stream_stream *stream = NULL;
        s3stream_reader *reader = NULL;
        CHECK_STATUS(OK, s3stream_client_list(client, "bucket", NULL, &list));
        CHECK_STATUS(OK, s3stream_client_stream(client, "bucket", NULL, &stream));
        CHECK_STATUS(OK, s3stream_stream_feed(stream, list));
        for (int i = 0; i < taken; i++) {
            CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
            s3stream_reader_free(reader);
        }
        s3stream_stream_free(stream);
        s3stream_list_free(list);
    }
    claim("a stream can be left at any place");
}

int main(void) {
    struct server server = server_start_embedded();
    client = client_for(server_url(&server));
    a_listing_is_streamed_in_its_order();
    objects_that_are_pushed_come_in_that_order();
    a_listing_that_fails_comes_behind_its_objects();
    cancels_in_time(a_waiting_stream_is_cancelled);
    claim("a stream that waits is cancelled");
    a_stream_is_left_in_the_middle();
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    return done();
}
