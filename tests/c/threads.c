/* Threads: a client is for all, a reader for one at a time, an error for its own thread. */
#include "harness.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS = 8, SIZE = 8 << 20 };

static s3stream_client *client;
static unsigned char expected[SIZE];

static void *read_big(void *argument) {
    unsigned char *buffer = malloc(SIZE);
    s3stream_reader *reader = NULL;
    size_t count;
    (void)argument;

    CHECK(buffer != NULL);
    CHECK(s3stream_last_error() == NULL);
    CHECK_STATUS(NOT_FOUND, s3stream_client_open(client, "bucket", "none", NULL, &reader));
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", NULL, &reader));
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, SIZE, &count));
    CHECK(count == SIZE && memcmp(buffer, expected, SIZE) == 0);
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, SIZE, &count));
    CHECK(count == 0 && s3stream_reader_verdict(reader) != NULL);
    s3stream_reader_free(reader);
    free(buffer);
    return NULL;
}

static void many_threads_use_one_client(void) {
    struct server server = server_start_embedded();
    pthread_t threads[THREADS];

    client = client_for(server_url(&server));
    pattern(1, 0, expected, SIZE);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, read_big, NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(s3stream_last_error() == NULL);
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    claim("8 threads use one client; each has its own last error");
}

static void *wait_for_entry(void *argument) {
    const s3stream_entry *entry;
    CHECK_STATUS(CANCELLED, s3stream_list_next(argument, &entry));
    return NULL;
}

static void a_second_thread_is_refused(void) {
    struct mute mute = mute_start();
    s3stream_client *waiting = client_for(mute.url);
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    pthread_t thread;

    CHECK_STATUS(OK, s3stream_client_list(waiting, "bucket", NULL, &list));
    CHECK(pthread_create(&thread, NULL, wait_for_entry, list) == 0);
    int connection = mute_wait(&mute);
    CHECK_STATUS(INVALID_INPUT, s3stream_list_next(list, &entry));
    CHECK_LINE("one thread at a time");
    CHECK(entry == NULL);
    CHECK_STATUS(OK, s3stream_list_cancel(list));
    CHECK(pthread_join(thread, NULL) == 0);
    /* Refused once is not refused for ever. */
    CHECK_STATUS(CANCELLED, s3stream_list_next(list, &entry));
    s3stream_list_free(list);
    s3stream_client_free(waiting);
    close(connection);
    close(mute.listener);
    claim("a second thread in one handle is refused, at once and unharmed");
}

struct shared {
    s3stream_reader *reader;
    uint64_t delivered;
    uint64_t refused;
};

static void *race(void *argument) {
    struct shared *shared = argument;
    static _Thread_local char buffer[4096];
    size_t count = 1;

    while (count > 0) {
        s3stream_status status =
            s3stream_reader_read(shared->reader, buffer, sizeof buffer, &count);
        if (status == S3STREAM_OK) {
            __atomic_add_fetch(&shared->delivered, count, __ATOMIC_SEQ_CST);
        } else {
            CHECK_NUMBER(S3STREAM_INVALID_INPUT, status);
            __atomic_add_fetch(&shared->refused, 1, __ATOMIC_SEQ_CST);
        }
    }
    return NULL;
}

static void two_threads_on_one_reader_share_its_bytes(void) {
    struct server server = server_start_embedded();
    struct shared shared = {0};
    pthread_t threads[2];

    client = client_for(server_url(&server));
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", NULL, &shared.reader));
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&threads[i], NULL, race, &shared) == 0);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    /* Each byte went to one of them, whatever the order. */
    CHECK_NUMBER(SIZE, shared.delivered);
    CHECK(s3stream_reader_verdict(shared.reader) != NULL);
    s3stream_reader_free(shared.reader);
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    claim("two threads that fight for one reader lose no byte and break nothing");
}

int main(void) {
    many_threads_use_one_client();
    a_second_thread_is_refused();
    two_threads_on_one_reader_share_its_bytes();
    return done();
}
