/* Listings through C: complete and in order, narrowed, grouped, and failing as they should. */
#include "harness.h"

static s3stream_client *client;

/* Counts the entries of a listing that must end well. */
static void count(const s3stream_list_options *options, size_t *objects, size_t *prefixes) {
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    char last[1025] = "";

    *objects = *prefixes = 0;
    CHECK_STATUS(OK, s3stream_client_list(client, "bucket", options, &list));
    for (;;) {
        CHECK_STATUS(OK, s3stream_list_next(list, &entry));
        if (entry == NULL) {
            break;
        }
        const s3stream_object *object = s3stream_entry_object(entry);
        const char *prefix = s3stream_entry_common_prefix(entry);
        const char *name = object != NULL ? s3stream_object_key(object) : prefix;
        CHECK((object == NULL) != (prefix == NULL));
        CHECK(strcmp(last, name) < 0);
        snprintf(last, sizeof last, "%s", name);
        *(object != NULL ? objects : prefixes) += 1;
    }
    CHECK_STATUS(OK, s3stream_list_next(list, &entry));
    CHECK(entry == NULL);
    s3stream_list_free(list);
}

static void a_listing_is_complete_and_in_order(void) {
    size_t objects;
    size_t prefixes;
    count(NULL, &objects, &prefixes);
    CHECK_NUMBER(2501, objects);
    CHECK_NUMBER(0, prefixes);
    claim("a listing of three pages is complete, in order, and stays at its end");
}

static void a_listing_is_narrowed_and_grouped(void) {
    s3stream_list_options *options = s3stream_list_options_new();
    size_t objects;
    size_t prefixes;

    CHECK_STATUS(OK, s3stream_list_options_set_delimiter(options, "/"));
    count(options, &objects, &prefixes);
    CHECK_NUMBER(1, objects);
    CHECK_NUMBER(1, prefixes);
    CHECK_STATUS(OK, s3stream_list_options_set_prefix(options, "keys/"));
    count(options, &objects, &prefixes);
    CHECK_NUMBER(2500, objects + prefixes);
    s3stream_list_options_free(options);

    /* The third to the fifth key: the one before is excluded, the last included. */
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    char keys[5][1025];
    CHECK_STATUS(OK, s3stream_client_list(client, "bucket", NULL, &list));
    CHECK_STATUS(OK, s3stream_list_next(list, &entry));
    for (int i = 0; i < 5; i++) {
        CHECK_STATUS(OK, s3stream_list_next(list, &entry));
        snprintf(keys[i], sizeof keys[i], "%s", s3stream_object_key(s3stream_entry_object(entry)));
    }
    s3stream_list_free(list);
    options = s3stream_list_options_new();
    CHECK_STATUS(OK, s3stream_list_options_set_start_after(options, keys[1]));
    CHECK_STATUS(OK, s3stream_list_options_set_end_at(options, keys[4]));
    count(options, &objects, &prefixes);
    CHECK_NUMBER(3, objects);
    s3stream_list_options_free(options);
    claim("a listing is narrowed by prefix and range, and grouped by a delimiter");
}

static void an_entry_describes_its_object(void) {
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    int64_t time = 0;

    CHECK_STATUS(OK, s3stream_client_list(client, "bucket", NULL, &list));
    CHECK_STATUS(OK, s3stream_list_next(list, &entry));
    const s3stream_object *object = s3stream_entry_object(entry);
    CHECK_TEXT("big", s3stream_object_key(object));
    CHECK_NUMBER(3, s3stream_object_key_length(object));
    CHECK_NUMBER(8 << 20, s3stream_object_size(object));
    CHECK_NUMBER(32, strlen(s3stream_object_etag(object)));
    CHECK(s3stream_object_last_modified(object, &time) && time > 1000000000);
    CHECK(s3stream_object_is_latest(object) && !s3stream_object_is_delete_marker(object));
    /* A copy outlives the listing, and the client. */
    s3stream_object *copy = s3stream_object_clone(object);
    CHECK_STATUS(OK, s3stream_list_next(list, &entry));
    s3stream_list_free(list);
    CHECK_TEXT("big", s3stream_object_key(copy));
    s3stream_object *described = NULL;
    CHECK_STATUS(OK, s3stream_client_head_object(client, "bucket", copy, &described));
    CHECK_TEXT(s3stream_object_etag(copy), s3stream_object_etag(described));
    s3stream_object_free(described);
    s3stream_object_free(copy);
    claim("an entry describes its object, and a copy of it lives on");
}

static void a_listing_that_fails_says_so_for_ever(void) {
    s3stream_list *list = NULL;
    const s3stream_entry *entry = (const s3stream_entry *)&list;

    CHECK_STATUS(OK, s3stream_client_list(client, "missing", NULL, &list));
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(NOT_FOUND, s3stream_list_next(list, &entry));
        CHECK(entry == (const s3stream_entry *)&list);
        const s3stream_error *error = s3stream_last_error();
        CHECK_TEXT("NoSuchBucket", s3stream_error_code(error));
        CHECK_NUMBER(404, s3stream_error_http_status(error));
        CHECK_NUMBER(1, s3stream_error_attempts(error));
        CHECK_TEXT("missing", s3stream_error_bucket(error));
        CHECK_TEXT("s3://missing", s3stream_error_url(error));
        CHECK_TEXT(NULL, s3stream_error_key(error));
    }
    s3stream_list_free(list);
    CHECK_STATUS(OK, s3stream_client_list(client, "no/bucket", NULL, &list));
    CHECK_STATUS(INVALID_INPUT, s3stream_list_next(list, &entry));
    s3stream_list_free(list);
    claim("a listing that fails says so for ever");
}

static void buckets_are_listed(void) {
    s3stream_buckets *buckets = NULL;
    int64_t time = 0;

    CHECK_STATUS(OK, s3stream_client_list_buckets(client, &buckets));
    CHECK_NUMBER(1, s3stream_buckets_count(buckets));
    CHECK_TEXT("bucket", s3stream_buckets_name(buckets, 0));
    CHECK_TEXT(NULL, s3stream_buckets_name(buckets, 1));
    CHECK(s3stream_buckets_created(buckets, 0, &time) && time > 1000000000);
    CHECK(!s3stream_buckets_created(buckets, 1, &time));
    s3stream_buckets_free(buckets);
    claim("buckets are listed");
}

int main(void) {
    struct server server = server_start_embedded();
    client = client_for(server_url(&server));
    a_listing_is_complete_and_in_order();
    a_listing_is_narrowed_and_grouped();
    an_entry_describes_its_object();
    a_listing_that_fails_says_so_for_ever();
    buckets_are_listed();
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    return done();
}
