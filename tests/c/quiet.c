/* A guest that behaves: no thread before it is needed, no signal handler, no output. */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static int threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    struct dirent *task;

    CHECK(tasks != NULL);
    while ((task = readdir(tasks)) != NULL) {
        count += task->d_name[0] != '.';
    }
    closedir(tasks);
    return count;
}

static void handlers(struct sigaction *actions) {
    memset(actions, 0, 65 * sizeof *actions);
    for (int number = 1; number < 65; number++) {
        /* The C library keeps two to itself. */
        (void)sigaction(number, NULL, &actions[number]);
    }
}

static void fails_in_every_way(s3stream_client *client) {
    s3stream_reader *reader = NULL;
    s3stream_client *none = NULL;
    s3stream_config *config = config_for("http://127.0.0.1:1");

    CHECK_STATUS(NOT_FOUND, s3stream_client_open(client, "bucket", "none", NULL, &reader));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_open(client, NULL, "none", NULL, &reader));
    CHECK_STATUS(OK, s3stream_config_set(config, "max_attempts", "1"));
    /* This one warns, where somebody listens. */
    CHECK_STATUS(OK, s3stream_config_set(config, "verify", "false"));
    CHECK_STATUS(OK, s3stream_client_new(config, &none));
    CHECK_STATUS(CONNECTION, s3stream_client_open(none, "bucket", "none", NULL, &reader));
    s3stream_client_free(none);
    s3stream_config_free(config);
}

int main(void) {
    static unsigned char buffer[8 << 20];
    struct server server = server_start_embedded();
    struct sigaction before[65];
    struct sigaction after[65];
    s3stream_reader *reader = NULL;
    size_t count;
    char path[] = "/tmp/s3stream-quiet-XXXXXX";
    int output = mkstemp(path);
    struct stat written;

    CHECK(output >= 0 && unlink(path) == 0);
    handlers(before);
    fflush(stdout);
    int standard_output = dup(1);
    int standard_error = dup(2);
    dup2(output, 1);
    dup2(output, 2);

    s3stream_client *client = client_for(server_url(&server));
    int threads_at_first = threads();
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", NULL, &reader));
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, sizeof buffer, &count));
    int threads_of_a_read = threads();
    s3stream_reader_free(reader);
    fails_in_every_way(client);
    s3stream_client_free(client);

    dup2(standard_output, 1);
    dup2(standard_error, 2);
    handlers(after);
    /* A watching tool may have a thread of its own. */
    CHECK(threads_at_first <= 2);
    CHECK_NUMBER(threads_at_first, threads_of_a_read);
    claim("making a client and reading an object with a CRC start no thread");
    CHECK(fstat(output, &written) == 0);
    CHECK_NUMBER(0, written.st_size);
    claim("nothing is printed, whatever fails");
    for (int number = 1; number < 65; number++) {
        CHECK(before[number].sa_handler == after[number].sa_handler);
    }
    claim("no signal handler is installed, SIGPIPE's neither");
    CHECK_NUMBER(0, server_stop(&server));
    return done();
}
