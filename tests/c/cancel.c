/* Cancelling from another thread ends a wait within 100 ms, and every later call. */
#include "harness.h"

#include <pthread.h>
#include <unistd.h>

/* A thread that waits in a call, and what came of it. */
struct waiting {
    s3stream_client *client;
    s3stream_list *list;
    s3stream_reader *reader;
    struct gate *is_waiting;
    s3stream_status status;
    double ended;
};

static void *wait_in_list(void *argument) {
    struct waiting *waiting = argument;
    const s3stream_entry *entry;
    waiting->status = s3stream_list_next(waiting->list, &entry);
    waiting->ended = seconds();
    return NULL;
}

static void *wait_in_open(void *argument) {
    struct waiting *waiting = argument;
    waiting->status =
        s3stream_client_open(waiting->client, "bucket", "key", NULL, &waiting->reader);
    waiting->ended = seconds();
    return NULL;
}

static void *wait_in_read(void *argument) {
    struct waiting *waiting = argument;
    static char buffer[65536];
    size_t count = 1;

    wait_in_open(waiting);
    gate_open(waiting->is_waiting);
    while (waiting->status == S3STREAM_OK && count > 0) {
        waiting->status = s3stream_reader_read(waiting->reader, buffer, sizeof buffer, &count);
    }
    waiting->ended = seconds();
    return NULL;
}

/* Waits for the thread to end as cancelled; the seconds since. */
static double ends(pthread_t thread, struct waiting *waiting, double cancelled) {
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_NUMBER(S3STREAM_CANCELLED, waiting->status);
    return waiting->ended - cancelled;
}

static double a_listing_is_cancelled(void) {
    struct mute mute = mute_start();
    struct waiting waiting = {.client = client_for(mute.url)};
    const s3stream_entry *entry = NULL;
    pthread_t thread;

    CHECK_STATUS(OK, s3stream_client_list(waiting.client, "bucket", NULL, &waiting.list));
    CHECK(pthread_create(&thread, NULL, wait_in_list, &waiting) == 0);
    int connection = mute_wait(&mute);
    double now = seconds();
    CHECK_STATUS(OK, s3stream_list_cancel(waiting.list));
    double taken = ends(thread, &waiting, now);
    CHECK_STATUS(CANCELLED, s3stream_list_next(waiting.list, &entry));
    CHECK_STATUS(OK, s3stream_list_cancel(waiting.list));
    s3stream_list_free(waiting.list);
    s3stream_client_free(waiting.client);
    close(connection);
    close(mute.listener);
    return taken;
}

static double a_client_is_cancelled(void) {
    struct mute mute = mute_start();
    struct waiting waiting = {.client = client_for(mute.url)};
    s3stream_list *list = NULL;
    s3stream_object *object = NULL;
    const s3stream_entry *entry = NULL;
    pthread_t thread;

    CHECK_STATUS(OK, s3stream_client_list(waiting.client, "bucket", NULL, &list));
    CHECK(pthread_create(&thread, NULL, wait_in_open, &waiting) == 0);
    int connection = mute_wait(&mute);
    double now = seconds();
    CHECK_STATUS(OK, s3stream_client_cancel(waiting.client));
    double taken = ends(thread, &waiting, now);
    CHECK_STATUS(CANCELLED, s3stream_client_head(waiting.client, "bucket", "key", NULL, &object));
    CHECK_STATUS(CANCELLED, s3stream_list_next(list, &entry));
    s3stream_list_free(list);
    s3stream_client_free(waiting.client);
    close(connection);
    close(mute.listener);
    return taken;
}

static double a_reader_is_cancelled(void) {
    /* This server sends the beginning of a body, and no more. */
    static const char REPLY[] = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 1000000\r\n"
                                "Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\nbytes";
    struct mute mute = mute_start();
    struct waiting waiting = {.client = client_for(mute.url), .is_waiting = gate_new()};
    pthread_t thread;
    char byte;
    size_t count = 9;

    CHECK(pthread_create(&thread, NULL, wait_in_read, &waiting) == 0);
    int connection = mute_wait(&mute);
    CHECK(write(connection, REPLY, sizeof REPLY - 1) == (ssize_t)(sizeof REPLY - 1));
    gate_wait(waiting.is_waiting);
    double now = seconds();
    CHECK_STATUS(OK, s3stream_reader_cancel(waiting.reader));
    double taken = ends(thread, &waiting, now);
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(CANCELLED, s3stream_reader_read(waiting.reader, &byte, 1, &count));
    }
    CHECK_NUMBER(9, count);
    CHECK(s3stream_reader_verdict(waiting.reader) == NULL);
    CHECK_TEXT("key", s3stream_object_key(s3stream_reader_object(waiting.reader)));
    s3stream_reader_free(waiting.reader);
    s3stream_client_free(waiting.client);
    gate_free(waiting.is_waiting);
    close(connection);
    close(mute.listener);
    return taken;
}

int main(void) {
    cancels_in_time(a_listing_is_cancelled);
    claim("a listing that waits is cancelled");
    cancels_in_time(a_client_is_cancelled);
    claim("a client is cancelled with all that it made, for good");
    cancels_in_time(a_reader_is_cancelled);
    claim("a reader is cancelled in the middle, and has no verdict ever");
    return done();
}
