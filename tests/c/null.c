/* NULL where it is not allowed is an error or nothing, in every function, and never a crash. */
#include "harness.h"

#define REFUSES(call) CHECK_STATUS(INVALID_INPUT, call), CHECK_LINE(" is NULL")

static s3stream_client *client;

static void every_free_takes_null(void) {
    s3stream_buckets_free(NULL);
    s3stream_client_free(NULL);
    s3stream_config_free(NULL);
    s3stream_error_free(NULL);
    s3stream_list_free(NULL);
    s3stream_list_options_free(NULL);
    s3stream_names_free(NULL);
    s3stream_object_free(NULL);
    s3stream_open_options_free(NULL);
    s3stream_reader_free(NULL);
    s3stream_stats_free(NULL);
    s3stream_stream_free(NULL);
    s3stream_stream_options_free(NULL);
    s3stream_text_free(NULL);
    s3stream_verdict_free(NULL);
    s3stream_wanted_free(NULL);
    CHECK(s3stream_last_error() == NULL);
    claim("every _free takes NULL");
}

static void what_describes_an_error_takes_null(void) {
    CHECK(s3stream_error_clone(NULL) == NULL);
    CHECK_NUMBER(S3STREAM_OK, s3stream_error_status(NULL));
    CHECK_NUMBER(0, s3stream_error_errno(NULL));
    CHECK_NUMBER(0, s3stream_error_http_status(NULL));
    CHECK_NUMBER(0, s3stream_error_attempts(NULL));
    CHECK_NUMBER(0, s3stream_error_is_outage(NULL));
    CHECK_TEXT(NULL, s3stream_error_code(NULL));
    CHECK_TEXT(NULL, s3stream_error_request_id(NULL));
    CHECK_TEXT(NULL, s3stream_error_bucket(NULL));
    CHECK_TEXT(NULL, s3stream_error_key(NULL));
    CHECK_TEXT(NULL, s3stream_error_url(NULL));
    CHECK_TEXT(NULL, s3stream_error_message(NULL));
    CHECK_TEXT(NULL, s3stream_error_line(NULL));
    CHECK(s3stream_last_error() == NULL);
    claim("what describes an error takes NULL");
}

static void configuration_refuses_null(void) {
    s3stream_config *config = s3stream_config_new();
    REFUSES(s3stream_config_set(NULL, "region", "x"));
    REFUSES(s3stream_config_set(config, NULL, "x"));
    REFUSES(s3stream_config_set(config, "region", NULL));
    REFUSES(s3stream_client_new(config, NULL));
    REFUSES(s3stream_client_new(NULL, NULL));
    s3stream_config_free(config);
    claim("configuration refuses NULL");
}

static void a_client_refuses_null(void) {
    s3stream_buckets *buckets;
    s3stream_list *list;
    s3stream_object *object;
    s3stream_reader *reader;
    s3stream_stats *stats;

    REFUSES(s3stream_client_list_buckets(NULL, &buckets));
    REFUSES(s3stream_client_list_buckets(client, NULL));
    REFUSES(s3stream_client_list(NULL, "bucket", NULL, &list));
    REFUSES(s3stream_client_list(client, NULL, NULL, &list));
    REFUSES(s3stream_client_list(client, "bucket", NULL, NULL));
    REFUSES(s3stream_client_head(NULL, "bucket", "key", NULL, &object));
    REFUSES(s3stream_client_head(client, NULL, "key", NULL, &object));
    REFUSES(s3stream_client_head(client, "bucket", NULL, NULL, &object));
    REFUSES(s3stream_client_head(client, "bucket", "key", NULL, NULL));
    REFUSES(s3stream_client_head_object(NULL, "bucket", NULL, &object));
    REFUSES(s3stream_client_head_object(client, "bucket", NULL, &object));
    REFUSES(s3stream_client_open(NULL, "bucket", "key", NULL, &reader));
    REFUSES(s3stream_client_open(client, NULL, "key", NULL, &reader));
    REFUSES(s3stream_client_open(client, "bucket", NULL, NULL, &reader));
    REFUSES(s3stream_client_open(client, "bucket", "key", NULL, NULL));
    REFUSES(s3stream_client_open_object(NULL, "bucket", NULL, NULL, &reader));
    REFUSES(s3stream_client_open_object(client, "bucket", NULL, NULL, &reader));
    REFUSES(s3stream_client_stats(NULL, &stats));
    REFUSES(s3stream_client_stats(client, NULL));
    REFUSES(s3stream_client_cancel(NULL));
    claim("a client refuses NULL before anything is sent");
}

static void options_refuse_null(void) {
    s3stream_list_options *list = s3stream_list_options_new();
    s3stream_open_options *open = s3stream_open_options_new();

    REFUSES(s3stream_list_options_set_prefix(NULL, "x"));
    REFUSES(s3stream_list_options_set_prefix(list, NULL));
    REFUSES(s3stream_list_options_set_delimiter(NULL, "x"));
    REFUSES(s3stream_list_options_set_delimiter(list, NULL));
    REFUSES(s3stream_list_options_set_start_after(NULL, "x"));
    REFUSES(s3stream_list_options_set_start_after(list, NULL));
    REFUSES(s3stream_list_options_set_end_at(NULL, "x"));
    REFUSES(s3stream_list_options_set_end_at(list, NULL));
    REFUSES(s3stream_list_options_set_versions(NULL, true));
    REFUSES(s3stream_open_options_set_offset(NULL, 1));
    REFUSES(s3stream_open_options_set_length(NULL, 1));
    REFUSES(s3stream_open_options_set_version_id(NULL, "x"));
    REFUSES(s3stream_open_options_set_version_id(open, NULL));
    REFUSES(s3stream_open_options_set_if_match(NULL, "x"));
    REFUSES(s3stream_open_options_set_if_match(open, NULL));
    s3stream_list_options_free(list);
    s3stream_open_options_free(open);
    claim("options refuse NULL");
}

static void listings_and_readers_refuse_null(void) {
    const s3stream_entry *entry;
    s3stream_list *list = NULL;
    s3stream_reader *reader = NULL;
    char byte;
    size_t count;

    REFUSES(s3stream_list_next(NULL, &entry));
    REFUSES(s3stream_list_cancel(NULL));
    CHECK(s3stream_entry_object(NULL) == NULL);
    CHECK_TEXT(NULL, s3stream_entry_common_prefix(NULL));
    REFUSES(s3stream_reader_read(NULL, &byte, 1, &count));
    REFUSES(s3stream_reader_seek(NULL, 0));
    REFUSES(s3stream_reader_cancel(NULL));
    CHECK(s3stream_reader_object(NULL) == NULL);
    CHECK(s3stream_reader_verdict(NULL) == NULL);
    CHECK_NUMBER(0, s3stream_reader_position(NULL));

    CHECK_STATUS(OK, s3stream_client_list(client, "bucket", NULL, &list));
    REFUSES(s3stream_list_next(list, NULL));
    s3stream_list_free(list);
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", NULL, &reader));
    REFUSES(s3stream_reader_read(reader, NULL, 1, &count));
    REFUSES(s3stream_reader_read(reader, &byte, 1, NULL));
    CHECK_STATUS(OK, s3stream_reader_read(reader, &byte, 1, &count));
    s3stream_reader_free(reader);
    claim("listings and readers refuse NULL and go on");
}

static void pipes_refuse_null(void) {
    s3stream_reader *reader = NULL;
    const s3stream_object *object;
    int descriptor;

    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", NULL, &reader));
    REFUSES(s3stream_reader_opened(NULL, &object));
    REFUSES(s3stream_reader_opened(reader, NULL));
    REFUSES(s3stream_reader_open_pipe(NULL, &descriptor));
    REFUSES(s3stream_reader_open_pipe(reader, NULL));
    REFUSES(s3stream_reader_finish(NULL));
    CHECK_STATUS(OK, s3stream_reader_finish(reader));
    s3stream_reader_free(reader);
    claim("pipes refuse NULL");
}

static void streams_refuse_null(void) {
    s3stream_stream *stream = NULL;
    s3stream_reader *reader;
    s3stream_wanted *wanted = NULL;

    REFUSES(s3stream_stream_options_set_concurrency(NULL, 1));
    REFUSES(s3stream_client_stream(NULL, "bucket", NULL, &stream));
    REFUSES(s3stream_client_stream(client, NULL, NULL, &stream));
    REFUSES(s3stream_client_stream(client, "bucket", NULL, NULL));
    CHECK_STATUS(OK, s3stream_client_stream(client, "bucket", NULL, &stream));
    REFUSES(s3stream_stream_feed(NULL, NULL));
    REFUSES(s3stream_stream_feed(stream, NULL));
    CHECK(!s3stream_stream_has_room(NULL));
    REFUSES(s3stream_wanted_of_key(NULL, &wanted));
    REFUSES(s3stream_wanted_of_key("key", NULL));
    REFUSES(s3stream_wanted_of_object(NULL, &wanted));
    CHECK_STATUS(OK, s3stream_wanted_of_key("key", &wanted));
    REFUSES(s3stream_wanted_set_version_id(NULL, "x"));
    REFUSES(s3stream_wanted_set_version_id(wanted, NULL));
    REFUSES(s3stream_wanted_set_if_match(NULL, "x"));
    REFUSES(s3stream_wanted_set_if_match(wanted, NULL));
    REFUSES(s3stream_wanted_set_size(NULL, 1));
    REFUSES(s3stream_wanted_set_ahead(NULL, true));
    REFUSES(s3stream_stream_push(NULL, wanted));
    REFUSES(s3stream_stream_push(stream, NULL));
    REFUSES(s3stream_stream_push_key(NULL, "x"));
    REFUSES(s3stream_stream_push_key(stream, NULL));
    REFUSES(s3stream_stream_push_object(NULL, NULL));
    REFUSES(s3stream_stream_push_object(stream, NULL));
    REFUSES(s3stream_stream_next(NULL, &reader));
    REFUSES(s3stream_stream_next(stream, NULL));
    REFUSES(s3stream_stream_cancel(NULL));
    CHECK_STATUS(OK, s3stream_stream_next(stream, &reader));
    CHECK(reader == NULL);
    s3stream_wanted_free(wanted);
    s3stream_stream_free(stream);
    claim("streams refuse NULL, and have taken none of it");
}

static void values_refuse_null(void) {
    int64_t time = 7;
    size_t length = 7;

    CHECK(s3stream_object_clone(NULL) == NULL);
    CHECK_TEXT(NULL, s3stream_object_key(NULL));
    CHECK_NUMBER(0, s3stream_object_key_length(NULL));
    CHECK_NUMBER(0, s3stream_object_size(NULL));
    CHECK_TEXT(NULL, s3stream_object_etag(NULL));
    CHECK(!s3stream_object_last_modified(NULL, &time) && time == 7);
    CHECK_TEXT(NULL, s3stream_object_storage_class(NULL));
    CHECK_TEXT(NULL, s3stream_object_version_id(NULL));
    CHECK(!s3stream_object_is_latest(NULL) && !s3stream_object_is_delete_marker(NULL));
    CHECK_TEXT(NULL, s3stream_object_content_type(NULL));
    CHECK_NUMBER(0, s3stream_object_metadata_count(NULL));
    CHECK_TEXT(NULL, s3stream_object_metadata_name(NULL, 0));
    CHECK_TEXT(NULL, s3stream_object_metadata_value(NULL, 0));
    CHECK(s3stream_object_metadata_bytes(NULL, 0, &length) == NULL && length == 7);
    CHECK_TEXT(NULL, s3stream_object_header(NULL, "expires"));
    CHECK(s3stream_object_header_bytes(NULL, "expires", &length) == NULL && length == 7);
    CHECK_NUMBER(0, s3stream_object_missing_meta(NULL));
    CHECK_NUMBER(0, s3stream_object_tag_count(NULL));
    CHECK_TEXT(NULL, s3stream_object_encryption(NULL));
    CHECK_TEXT(NULL, s3stream_object_kms_key_id(NULL));
    CHECK_TEXT(NULL, s3stream_object_customer_algorithm(NULL));
    CHECK_TEXT(NULL, s3stream_object_retention_mode(NULL));
    CHECK(!s3stream_object_retain_until(NULL, &time) && time == 7);
    CHECK_TEXT(NULL, s3stream_object_legal_hold(NULL));
    CHECK_NUMBER(0, s3stream_object_parts_count(NULL));
    CHECK_TEXT(NULL, s3stream_object_checksum_type(NULL));
    CHECK_TEXT(NULL, s3stream_object_replication_status(NULL));
    CHECK_NUMBER(0, s3stream_object_unread_count(NULL));
    CHECK_TEXT(NULL, s3stream_object_unread_name(NULL, 0));
    CHECK_TEXT(NULL, s3stream_object_restore_status(NULL));
    CHECK(!s3stream_object_restored_until(NULL, &time) && time == 7);
    CHECK_NUMBER(0, s3stream_tags_count(NULL));
    CHECK_TEXT(NULL, s3stream_tags_key(NULL, 0));
    CHECK_TEXT(NULL, s3stream_tags_value(NULL, 0));
    CHECK_NUMBER(0, s3stream_acl_grants(NULL));
    CHECK_TEXT(NULL, s3stream_acl_owner_id(NULL));
    CHECK_TEXT(NULL, s3stream_acl_owner_name(NULL));
    CHECK_TEXT(NULL, s3stream_acl_kind(NULL, 0));
    CHECK_TEXT(NULL, s3stream_acl_grantee(NULL, 0));
    CHECK_TEXT(NULL, s3stream_acl_name(NULL, 0));
    CHECK_TEXT(NULL, s3stream_acl_permission(NULL, 0));
    CHECK_TEXT(NULL, s3stream_verdict_digest(NULL));
    CHECK_TEXT(NULL, s3stream_verdict_digest_algorithm(NULL));
    CHECK_TEXT(NULL, s3stream_verdict_own_digest(NULL));
    CHECK_NUMBER(0, s3stream_object_checksum_count(NULL));
    CHECK_TEXT(NULL, s3stream_object_checksum_algorithm(NULL, 0));
    CHECK_TEXT(NULL, s3stream_object_checksum_value(NULL, 0));
    CHECK_NUMBER(0, s3stream_buckets_count(NULL));
    CHECK_TEXT(NULL, s3stream_buckets_name(NULL, 0));
    CHECK(!s3stream_buckets_created(NULL, 0, &time) && time == 7);
    CHECK_TEXT(NULL, s3stream_verdict_method(NULL));
    CHECK(!s3stream_verdict_is_proven(NULL));
    CHECK_TEXT(NULL, s3stream_verdict_unproven(NULL));
    CHECK(!s3stream_verdict_is_probably_damaged(NULL));
    CHECK_NUMBER(0, s3stream_verdict_bytes(NULL));
    CHECK_NUMBER(0, s3stream_verdict_reread(NULL));
    CHECK_NUMBER(0, s3stream_verdict_resumes(NULL));
    CHECK_NUMBER(0, s3stream_verdict_retries(NULL));
    CHECK(s3stream_verdict_clone(NULL) == NULL);
    CHECK_NUMBER(0, s3stream_stats_requests(NULL));
    CHECK_NUMBER(0, s3stream_stats_bytes(NULL));
    CHECK_NUMBER(0, s3stream_stats_retries(NULL));
    CHECK_NUMBER(0, s3stream_stats_resumes(NULL));
    CHECK_NUMBER(0, s3stream_stats_throttles(NULL));
    CHECK_NUMBER(0, s3stream_stats_unproven(NULL));
    CHECK_NUMBER(0, s3stream_stats_outages(NULL));
    CHECK_NUMBER(0, s3stream_stats_outages_over(NULL));
    CHECK_NUMBER(0, s3stream_stats_outage_seconds(NULL));
    CHECK_TEXT(NULL, s3stream_text_data(NULL));
    CHECK_NUMBER(0, s3stream_text_length(NULL));
    claim("values of NULL are 0, NULL or false");
}

static void names_refuse_null(void) {
    s3stream_names *names = s3stream_names_new();
    s3stream_text *text;

    REFUSES(s3stream_names_file_name(NULL, NULL, &text));
    REFUSES(s3stream_names_file_name(names, NULL, &text));
    REFUSES(s3stream_file_name(NULL, 1, &text));
    REFUSES(s3stream_file_name("key", 3, NULL));
    REFUSES(s3stream_key(NULL, &text));
    REFUSES(s3stream_key("key", NULL));
    REFUSES(s3stream_version_file_name(NULL, 1, "v", &text));
    REFUSES(s3stream_version_file_name("key", 3, NULL, &text));
    REFUSES(s3stream_version_file_name("key", 3, "v", NULL));
    REFUSES(s3stream_version_of(NULL, &text, &text));
    REFUSES(s3stream_version_of("key", NULL, &text));
    REFUSES(s3stream_version_of("key", &text, NULL));
    s3stream_names_free(names);
    claim("names refuse NULL");
}

int main(void) {
    every_free_takes_null();
    what_describes_an_error_takes_null();
    struct server server = server_start_embedded();
    client = client_for(server_url(&server));
    configuration_refuses_null();
    a_client_refuses_null();
    options_refuse_null();
    listings_and_readers_refuse_null();
    pipes_refuse_null();
    streams_refuse_null();
    values_refuse_null();
    names_refuse_null();
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    return done();
}
