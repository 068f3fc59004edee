#include "task.h"

#include <time.h>

static int hex(char digit) {
    return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

/* `%20` stands for a blank. */
static void decode(char *text) {
    char *to = text;
    for (const char *from = text; *from != 0; from++) {
        if (from[0] == '%' && from[1] != 0 && from[2] != 0) {
            *to++ = (char)(hex(from[1]) * 16 + hex(from[2]));
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
}

void words_split(struct words *words, const char *text) {
    snprintf(words->text, sizeof words->text, "%s", text);
    words->count = 0;
    words->verb = strtok(words->text, " ");
    for (char *word; (word = strtok(NULL, " ")) != NULL;) {
        char *equals = strchr(word, '=');
        words->names[words->count] = word;
        words->values[words->count] = equals == NULL ? word + strlen(word) : equals + 1;
        if (equals != NULL) {
            *equals = 0;
            decode(words->values[words->count]);
        }
        words->count++;
    }
}

const char *words_value(const struct words *words, const char *name) {
    for (int i = 0; i < words->count; i++) {
        if (strcmp(words->names[i], name) == 0) {
            return words->values[i];
        }
    }
    return NULL;
}

const char *words_value_or(const struct words *words, const char *name, const char *otherwise) {
    const char *value = words_value(words, name);
    return value == NULL ? otherwise : value;
}

/* Keeps the last error, which must be one line without a secret. */
static void fail(struct outcome *outcome) {
    outcome->error = s3stream_error_clone(s3stream_last_error());
    const char *line = s3stream_error_line(outcome->error);
    if (strchr(line, '\n') != NULL ||
        (strstr(line, "secret") != NULL && strstr(line, "secret_access_key") == NULL)) {
        outcome->is_unspeakable = 1;
    }
}

static void rest(double seconds) {
    /* The pause is what the transcript is about. */
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static void compare(const struct content *content, struct outcome *outcome, uint64_t from,
                    const unsigned char *bytes, size_t count) {
    static unsigned char expected[1 << 20];
    for (size_t done = 0; done < count;) {
        size_t piece = count - done < sizeof expected ? count - done : sizeof expected;
        pattern(content->seed, from + outcome->delivered + done, expected, piece);
        outcome->is_wrong |= memcmp(expected, bytes + done, piece) != 0;
        done += piece;
    }
    outcome->delivered += count;
}

static void read_to_the_end(s3stream_reader *reader, const struct words *task,
                            const struct content *content, struct outcome *outcome) {
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
        compare(content, outcome, from, buffer, count);
        if (pause != NULL && outcome->delivered >= strtoull(pause, NULL, 10)) {
            rest(strtod(strchr(pause, ':') + 1, NULL));
            pause = NULL;
        }
    }
    const s3stream_verdict *verdict = s3stream_reader_verdict(reader);
    CHECK(verdict != NULL);
    snprintf(outcome->verdict, sizeof outcome->verdict, "%s", s3stream_verdict_method(verdict));
    if (!s3stream_verdict_is_proven(verdict)) {
        snprintf(outcome->unproven, sizeof outcome->unproven, "%s",
                 s3stream_verdict_unproven(verdict));
    }
    outcome->size = s3stream_verdict_bytes(verdict);
    outcome->reread = s3stream_verdict_reread(verdict);
    outcome->resumes = s3stream_verdict_resumes(verdict);
    outcome->retries = s3stream_verdict_retries(verdict);
    outcome->newer = s3stream_reader_is_newer_than_listed(reader);
    CHECK_NUMBER(outcome->delivered, outcome->size);
}

/* The ETag that the object must have; NULL if any will do. */
static const char *if_match(const struct words *task, const struct content *content) {
    const char *etag = words_value(task, "if_match");
    return etag != NULL && strcmp(etag, "{etag}") == 0 ? content->md5 : etag;
}

static uint64_t listed_size(const struct words *task) {
    return strtoull(words_value_or(task, "listed_size", "0"), NULL, 10);
}

static s3stream_status open_reader(s3stream_client *client, const struct words *task,
                                   const struct content *content, s3stream_reader **reader) {
    s3stream_open_options *options = s3stream_open_options_new();
    const char *etag = if_match(task, content);
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
    if (etag != NULL) {
        CHECK_STATUS(OK, s3stream_open_options_set_if_match(options, etag));
    }
    if ((value = words_value(task, "listed_etag")) != NULL) {
        CHECK_STATUS(OK, s3stream_open_options_set_listed(options, value, listed_size(task)));
    }
    s3stream_status status =
        s3stream_client_open(client, words_value_or(task, "bucket", "bucket"),
                             words_value_or(task, "key", "key"), options, reader);
    s3stream_open_options_free(options);
    return status;
}

static s3stream_status next_of_stream(s3stream_client *client, const struct words *task,
                                      const struct content *content, s3stream_reader **reader) {
    s3stream_stream *stream = NULL;
    s3stream_wanted *wanted = NULL;
    const char *etag = if_match(task, content);
    const char *version = words_value(task, "version_id");

    CHECK_STATUS(OK, s3stream_wanted_of_key(words_value_or(task, "key", "key"), &wanted));
    if (version != NULL) {
        CHECK_STATUS(OK, s3stream_wanted_set_version_id(wanted, version));
    }
    if (etag != NULL) {
        CHECK_STATUS(OK, s3stream_wanted_set_if_match(wanted, etag));
    }
    if (words_value(task, "listed_etag") != NULL) {
        const char *listed = words_value(task, "listed_etag");
        CHECK_STATUS(OK, s3stream_wanted_set_listed(wanted, listed, listed_size(task)));
    }
    CHECK_STATUS(OK, s3stream_client_stream(client, words_value_or(task, "bucket", "bucket"), NULL,
                                            &stream));
    CHECK_STATUS(OK, s3stream_stream_push(stream, wanted));
    s3stream_status status = s3stream_stream_next(stream, reader);
    /* The reader goes on without it. */
    s3stream_stream_free(stream);
    s3stream_wanted_free(wanted);
    return status;
}

static void do_read(s3stream_client *client, const struct words *task,
                    const struct content *content, enum way way, struct outcome *outcome) {
    s3stream_reader *reader = NULL;
    s3stream_status status = way == STREAMED ? next_of_stream(client, task, content, &reader)
                                             : open_reader(client, task, content, &reader);

    if (status == S3STREAM_OK) {
        read_to_the_end(reader, task, content, outcome);
    } else {
        fail(outcome);
    }
    s3stream_reader_free(reader);
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
    bool proves = words_value(task, "prove_end") != NULL;
    CHECK_STATUS(OK, s3stream_list_options_set_prove_end(options, proves));
    bool ordered = words_value(task, "ordered") != NULL;
    CHECK_STATUS(OK, s3stream_list_options_set_ordered(options, ordered));
    CHECK_STATUS(OK, s3stream_client_list(client, words_value_or(task, "bucket", "bucket"), options,
                                          &list));
    for (;;) {
        s3stream_status status = s3stream_list_next(list, &entry);
        if (status != S3STREAM_OK && s3stream_error_is_of_entry(s3stream_last_error())) {
            append(outcome->unreadable, sizeof outcome->unreadable,
                   s3stream_error_key(s3stream_last_error()));
            outcome->unreadable_count++;
            continue;
        }
        if (status != S3STREAM_OK) {
            fail(outcome);
            /* What failed once must fail for ever, and never turn into an end. */
            CHECK_NUMBER(status, s3stream_list_next(list, &entry));
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
    snprintf(outcome->end, sizeof outcome->end, "%s", s3stream_list_end(list));
    snprintf(outcome->order, sizeof outcome->order, "%s", s3stream_list_order(list));
    outcome->early_ends = s3stream_list_early_ends(list);
    CHECK_NUMBER(outcome->unreadable_count, s3stream_list_unreadable(list));
    CHECK(s3stream_list_no_repeats(list));
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

void task_run(s3stream_client *client, const struct words *task, const struct content *content,
              enum way way, struct outcome *outcome) {
    if (strcmp(task->verb, "read") == 0) {
        do_read(client, task, content, way, outcome);
    } else if (strcmp(task->verb, "head") == 0) {
        do_head(client, task, outcome);
    } else if (strcmp(task->verb, "list") == 0) {
        do_list(client, task, outcome);
    } else {
        CHECK(strcmp(task->verb, "buckets") == 0);
        do_buckets(client, outcome);
    }
}
