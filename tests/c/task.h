/* What a transcript has the client do, through C. */
#ifndef S3STREAM_TESTS_TASK_H
#define S3STREAM_TESTS_TASK_H

#include "harness.h"

/* What a client is to do, or what must come of it: a verb and its options. */
struct words {
    char text[8192];
    char *verb;
    char *names[64];
    char *values[64];
    int count;
};

/* Reads a verb and its options, `name=value` with blanks between; `%20` stands for one. */
void words_split(struct words *words, const char *text);
/* The value of an option; NULL if there is none of that name. */
const char *words_value(const struct words *words, const char *name);
const char *words_value_or(const struct words *words, const char *name, const char *otherwise);

/* The object that the fault server serves. */
struct content {
    uint64_t seed;
    char md5[64];
};

/* What came of it. */
struct outcome {
    /* Of an error that has more than one line, or a secret in it. */
    int is_unspeakable;
    s3stream_error *error;
    uint64_t size;
    uint64_t resumes;
    uint64_t retries;
    /* 1 if it is another object than was listed. */
    uint64_t newer;
    uint64_t delivered;
    char verdict[32];
    /* Empty where a digest proves it. */
    char unproven[32];
    uint64_t reread;
    char keys[65536];
    uint64_t key_count;
    char prefixes[4096];
    uint64_t prefix_count;
    /* Entries of a listing that failed alone, and how it stands. */
    char unreadable[4096];
    uint64_t unreadable_count;
    char end[32];
    char order[32];
    uint64_t early_ends;
    /* Not the object's bytes. */
    int is_wrong;
};

/* How a reader is had. */
enum way { OPENED, STREAMED };

/* Does what the task says: read (of a whole object, if streamed), head, list or buckets. */
void task_run(s3stream_client *client, const struct words *task, const struct content *content,
              enum way way, struct outcome *outcome);

#endif
