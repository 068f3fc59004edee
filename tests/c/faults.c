/* Every transcript of tests/faults through C: the same kinds, the same bytes.
 *
 * faults [PART-OF-A-NAME...]: all of S3STREAM_FAULTS, or those whose name has one of the parts.
 * They are shared out to several processes, for most of them wait.
 */
#include "harness.h"

#include <dirent.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 6 };

/* What came of it. */
struct outcome {
    s3stream_error *error;
    uint64_t size;
    uint64_t resumes;
    uint64_t retries;
    uint64_t delivered;
    char verdict[32];
    char keys[65536];
    uint64_t key_count;
    char prefixes[4096];
    uint64_t prefix_count;
    int is_wrong;
};

static const char *playing;
static uint64_t seed;
static char md5[64];
static int wrong;

static void complain(const char *what, const char *actual, const char *expected) {
    printf("  %s: %s is \"%s\", not \"%s\"\n", playing, what, actual, expected);
    wrong = 1;
}

/* A count: `3`, `1..3` or `1..`. */
static void allow(const struct words *expected, const char *name, uint64_t actual) {
    const char *range = words_value(expected, name);
    if (range == NULL) {
        return;
    }
    char *end;
    uint64_t least = strtoull(range, &end, 10);
    uint64_t most = least;
    if (strncmp(end, "..", 2) == 0) {
        most = end[2] == 0 ? UINT64_MAX : strtoull(end + 2, NULL, 10);
    }
    if (actual < least || actual > most) {
        char text[32];
        snprintf(text, sizeof text, "%llu", (unsigned long long)actual);
        complain(name, text, range);
    }
}

static void equal(const struct words *expected, const char *name, const char *actual) {
    const char *text = words_value(expected, name);
    if (text != NULL && strcmp(text, actual == NULL ? "" : actual) != 0) {
        complain(name, actual == NULL ? "" : actual, text);
    }
}

static void names(const struct words *expected, const char *name, const char *actual,
                  uint64_t count) {
    const char *text = words_value(expected, name);
    if (text != NULL && *text != 0 && strspn(text, "0123456789.") == strlen(text)) {
        allow(expected, name, count);
    } else {
        equal(expected, name, actual);
    }
}

static s3stream_client *make_client(const struct server *server, const char *ca) {
    static const char *const DEFAULTS[][2] = {
        {"connect_timeout", "5"},    {"stall_timeout", "5"},      {"max_attempts", "4"},
        {"retry_base_delay", "0.001"}, {"retry_max_delay", "0.02"}, {"addressing_style", "path"},
        {"proxy", "none"},           {"region", "us-east-1"},
    };
    s3stream_config *config = s3stream_config_new();
    s3stream_client *client = NULL;
    struct words words;
    char text[8192];

    CHECK_STATUS(OK, s3stream_config_set(config, "endpoint_url", server_url(server)));
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++) {
        CHECK_STATUS(OK, s3stream_config_set(config, DEFAULTS[i][0], DEFAULTS[i][1]));
    }
    if (*server_setting(server, "access_key_id") != 0) {
        CHECK_STATUS(OK, s3stream_config_set(config, "access_key_id", "AKIAFAULT"));
        CHECK_STATUS(OK, s3stream_config_set(config, "secret_access_key", "secret"));
    }
    if (strncmp(server_url(server), "https", 5) == 0) {
        CHECK_STATUS(OK, s3stream_config_set(config, "ca_bundle", ca));
    }
    snprintf(text, sizeof text, "config %s", server_setting(server, "config"));
    words_split(&words, text);
    for (int i = 0; i < words.count; i++) {
        const char *value = *words.values[i] == 0 ? "true" : words.values[i];
        CHECK_STATUS(OK, s3stream_config_set(config, words.names[i], value));
    }
    CHECK_STATUS(OK, s3stream_client_new(config, &client));
    s3stream_config_free(config);
    return client;
}

/* Keeps the last error, which must be one line without a secret. */
static void fail(struct outcome *outcome) {
    outcome->error = s3stream_error_clone(s3stream_last_error());
    const char *line = s3stream_error_line(outcome->error);
    if (strchr(line, '\n') != NULL ||
        (strstr(line, "secret") != NULL && strstr(line, "secret_access_key") == NULL)) {
        complain("line", line, "one without a secret");
    }
}

static void rest(double seconds) {
    /* The pause is what the transcript is about. */
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static void compare(struct outcome *outcome, uint64_t from, const unsigned char *bytes,
                    size_t count) {
    static unsigned char expected[1 << 20];
    for (size_t done = 0; done < count;) {
        size_t piece = count - done < sizeof expected ? count - done : sizeof expected;
        pattern(seed, from + outcome->delivered + done, expected, piece);
        outcome->is_wrong |= memcmp(expected, bytes + done, piece) != 0;
        done += piece;
    }
    outcome->delivered += count;
}

static void read_to_the_end(s3stream_reader *reader, const struct words *task,
                            struct outcome *outcome) {
    static unsigned char buffer[1 << 20];
    size_t size = strtoull(words_value_or(task, "read_size", "65536"), NULL, 10);
    uint64_t from = strtoull(words_value_or(task, "offset", "0"), NULL, 10);
    const char *pause = words_value(task, "pause");
    size_t count;

    CHECK(size <= sizeof buffer);
    for (;;) {
        s3stream_status status = s3stream_reader_read(reader, buffer, size, &count);
        if (status != S3STREAM_OK) {
            fail(outcome);
            /* What failed once must fail for ever, and never turn into an end. */
            CHECK_NUMBER(status, s3stream_reader_read(reader, buffer, size, &count));
            CHECK(s3stream_reader_verdict(reader) == NULL);
            return;
        }
        if (count == 0) {
            break;
        }
        compare(outcome, from, buffer, count);
        if (pause != NULL && outcome->delivered >= strtoull(pause, NULL, 10)) {
            rest(strtod(strchr(pause, ':') + 1, NULL));
            pause = NULL;
        }
    }
    const s3stream_verdict *verdict = s3stream_reader_verdict(reader);
    CHECK(verdict != NULL);
    snprintf(outcome->verdict, sizeof outcome->verdict, "%s", s3stream_verdict_method(verdict));
    outcome->size = s3stream_verdict_bytes(verdict);
    outcome->resumes = s3stream_verdict_resumes(verdict);
    outcome->retries = s3stream_verdict_retries(verdict);
    CHECK_NUMBER(outcome->delivered, outcome->size);
}

static void do_read(s3stream_client *client, const struct words *task, struct outcome *outcome) {
    s3stream_open_options *options = s3stream_open_options_new();
    s3stream_reader *reader = NULL;
    const char *value;

    if ((value = words_value(task, "offset")) != NULL) {
        CHECK_STATUS(OK, s3stream_open_options_set_offset(options, strtoull(value, NULL, 10)));
    }
    if ((value = words_value(task, "length")) != NULL) {
        CHECK_STATUS(OK, s3stream_open_options_set_length(options, strtoull(value, NULL, 10)));
    }
    if ((value = words_value(task, "version_id")) != NULL) {
        CHECK_STATUS(OK, s3stream_open_options_set_version_id(options, value));
    }
    if ((value = words_value(task, "if_match")) != NULL) {
        value = strcmp(value, "{etag}") == 0 ? md5 : value;
        CHECK_STATUS(OK, s3stream_open_options_set_if_match(options, value));
    }
    if (s3stream_client_open(client, words_value_or(task, "bucket", "bucket"),
                             words_value_or(task, "key", "key"), options, &reader) == S3STREAM_OK) {
        read_to_the_end(reader, task, outcome);
    } else {
        fail(outcome);
    }
    s3stream_reader_free(reader);
    s3stream_open_options_free(options);
}

static void do_head(s3stream_client *client, const struct words *task, struct outcome *outcome) {
    s3stream_object *object = NULL;
    if (s3stream_client_head(client, words_value_or(task, "bucket", "bucket"),
                             words_value_or(task, "key", "key"), words_value(task, "version_id"),
                             &object) == S3STREAM_OK) {
        outcome->size = s3stream_object_size(object);
    } else {
        fail(outcome);
    }
    s3stream_object_free(object);
}

static void append(char *list, size_t size, const char *name) {
    size_t filled = strlen(list);
    snprintf(list + filled, size - filled, "%s%s", filled == 0 ? "" : ",", name);
}

static void do_list(s3stream_client *client, const struct words *task, struct outcome *outcome) {
    s3stream_list_options *options = s3stream_list_options_new();
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    const char *value;

    if ((value = words_value(task, "prefix")) != NULL) {
        CHECK_STATUS(OK, s3stream_list_options_set_prefix(options, value));
    }
    if ((value = words_value(task, "delimiter")) != NULL) {
        CHECK_STATUS(OK, s3stream_list_options_set_delimiter(options, value));
    }
    if ((value = words_value(task, "start_after")) != NULL) {
        CHECK_STATUS(OK, s3stream_list_options_set_start_after(options, value));
    }
    if ((value = words_value(task, "end_at")) != NULL) {
        CHECK_STATUS(OK, s3stream_list_options_set_end_at(options, value));
    }
    bool versions = words_value(task, "versions") != NULL;
    CHECK_STATUS(OK, s3stream_list_options_set_versions(options, versions));
    CHECK_STATUS(OK, s3stream_client_list(client, words_value_or(task, "bucket", "bucket"), options,
                                          &list));
    for (;;) {
        if (s3stream_list_next(list, &entry) != S3STREAM_OK) {
            fail(outcome);
            break;
        }
        if (entry == NULL) {
            break;
        }
        const s3stream_object *object = s3stream_entry_object(entry);
        if (object != NULL) {
            append(outcome->keys, sizeof outcome->keys, s3stream_object_key(object));
            outcome->key_count++;
        } else {
            append(outcome->prefixes, sizeof outcome->prefixes,
                   s3stream_entry_common_prefix(entry));
            outcome->prefix_count++;
        }
    }
    s3stream_list_free(list);
    s3stream_list_options_free(options);
}

static void do_buckets(s3stream_client *client, struct outcome *outcome) {
    s3stream_buckets *buckets = NULL;
    if (s3stream_client_list_buckets(client, &buckets) != S3STREAM_OK) {
        fail(outcome);
        return;
    }
    outcome->key_count = s3stream_buckets_count(buckets);
    for (size_t i = 0; i < outcome->key_count; i++) {
        append(outcome->keys, sizeof outcome->keys, s3stream_buckets_name(buckets, i));
    }
    s3stream_buckets_free(buckets);
}

static void run(s3stream_client *client, const struct words *task, struct outcome *outcome) {
    if (strcmp(task->verb, "read") == 0) {
        do_read(client, task, outcome);
    } else if (strcmp(task->verb, "head") == 0) {
        do_head(client, task, outcome);
    } else if (strcmp(task->verb, "list") == 0) {
        do_list(client, task, outcome);
    } else {
        CHECK(strcmp(task->verb, "buckets") == 0);
        do_buckets(client, outcome);
    }
}

static void judge(const struct words *expected, const struct outcome *outcome) {
    int must_fail = strcmp(expected->verb, "error") == 0;
    const char *kind = words_value_or(expected, "kind", "");

    /* Only a checksum at the end can tell of a byte that was flipped on the way. */
    if (outcome->is_wrong && strcmp(kind, "integrity") != 0) {
        complain("content", "wrong", "the object's");
    }
    if (must_fail != (outcome->error != NULL)) {
        const char *line = s3stream_error_line(outcome->error);
        complain("outcome", line == NULL ? "ok" : line, expected->verb);
    } else if (must_fail) {
        const s3stream_error *error = outcome->error;
        equal(expected, "kind", s3stream_status_name(s3stream_error_status(error)));
        equal(expected, "code", s3stream_error_code(error));
        allow(expected, "status", (uint64_t)s3stream_error_http_status(error));
        allow(expected, "delivered", outcome->delivered);
        allow(expected, "attempts", s3stream_error_attempts(error));
    } else {
        equal(expected, "verdict", outcome->verdict);
        allow(expected, "size", outcome->size);
        allow(expected, "resumes", outcome->resumes);
        allow(expected, "retries", outcome->retries);
        names(expected, "keys", outcome->keys, outcome->key_count);
        names(expected, "prefixes", outcome->prefixes, outcome->prefix_count);
    }
}

static int play(const char *directory, const char *name) {
    static struct outcome outcome;
    static struct words words;
    char path[4096];
    char ca[] = "/tmp/s3stream-ca-XXXXXX";
    int file = mkstemp(ca);

    CHECK(file >= 0 && close(file) == 0);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    const char *const arguments[] = {path, "--ca", ca, NULL};
    struct server server = server_start("s3stream-fault-server", arguments);
    playing = name;
    wrong = 0;
    seed = strtoull(server_setting(&server, "object.seed"), NULL, 10);
    snprintf(md5, sizeof md5, "%s", server_setting(&server, "object.md5"));
    s3stream_client *client = make_client(&server, ca);
    if (*server_setting(&server, "before") != 0) {
        memset(&outcome, 0, sizeof outcome);
        words_split(&words, server_setting(&server, "before"));
        run(client, &words, &outcome);
        CHECK(outcome.error == NULL);
    }
    memset(&outcome, 0, sizeof outcome);
    words_split(&words, server_setting(&server, "do"));
    run(client, &words, &outcome);
    words_split(&words, server_setting(&server, "expect"));
    judge(&words, &outcome);
    s3stream_error_free(outcome.error);
    s3stream_client_free(client);
    /* The server tells on standard error which request was not as it should be. */
    if (server_stop(&server) != 0) {
        complain("server", "dissatisfied", "satisfied");
    }
    unlink(ca);
    return wrong;
}

static int is_wanted(const char *name, int count, char **parts) {
    const char *ending = strrchr(name, '.');
    if (ending == NULL || strcmp(ending, ".fault") != 0) {
        return 0;
    }
    for (int i = 1; i < count; i++) {
        if (strstr(name, parts[i]) != NULL) {
            return 1;
        }
    }
    return count == 1;
}

/* Plays every PROCESSES-th of the wanted; how many are not as they should be. */
static int play_share(struct dirent **files, int found, int share, int count, char **parts) {
    int wanted = 0;
    int failed_ones = 0;

    for (int i = 0; i < found; i++) {
        if (is_wanted(files[i]->d_name, count, parts) && wanted++ % PROCESSES == share) {
            failed_ones += play(getenv("S3STREAM_FAULTS"), files[i]->d_name);
        }
    }
    return failed_ones;
}

int main(int count, char **parts) {
    struct dirent **files;
    pid_t processes[PROCESSES];
    int played = 0;
    int failed_ones = 0;

    CHECK(getenv("S3STREAM_FAULTS") != NULL);
    int found = scandir(getenv("S3STREAM_FAULTS"), &files, NULL, alphasort);
    for (int i = 0; i < found; i++) {
        played += is_wanted(files[i]->d_name, count, parts);
    }
    for (int share = 0; share < PROCESSES; share++) {
        processes[share] = fork();
        CHECK(processes[share] >= 0);
        if (processes[share] == 0) {
            int failed_here = play_share(files, found, share, count, parts);
            for (int i = 0; i < found; i++) {
                free(files[i]);
            }
            free(files);
            /* Not _exit(): leaks are looked for at the end of a program. */
            exit(failed_here);
        }
    }
    for (int share = 0; share < PROCESSES; share++) {
        int status;
        CHECK(waitpid(processes[share], &status, 0) == processes[share]);
        CHECK(WIFEXITED(status));
        failed_ones += WEXITSTATUS(status);
    }
    for (int i = 0; i < found; i++) {
        free(files[i]);
    }
    free(files);
    printf("  %d transcripts, %d not as they should be\n", played, failed_ones);
    claim("transcripts end through C as they do in Rust");
    return done() != 0 || played == 0 || failed_ones > 0;
}
