/* What a reply says of an object besides its bytes, and what can be asked of it apart from them. */
#include "harness.h"

static void check_bytes(const void *bytes, size_t length, const char *expected, size_t room) {
    CHECK_NUMBER(room, length);
    CHECK(bytes != NULL && memcmp(bytes, expected, room) == 0);
}

#define CHECK_BYTES(bytes, length, expected) \
    check_bytes((bytes), (length), (expected), sizeof (expected) - 1)

static void headers_are_kept(const s3stream_object *object) {
    size_t length = 0;
    CHECK_TEXT("text/plain", s3stream_object_content_type(object));
    CHECK_TEXT("text/plain", s3stream_object_header(object, "Content-Type"));
    CHECK_TEXT("gzip", s3stream_object_header(object, "content-encoding"));
    CHECK_TEXT("never", s3stream_object_header(object, "expires"));
    CHECK_TEXT("/other", s3stream_object_header(object, "x-amz-website-redirect-location"));
    CHECK_TEXT(NULL, s3stream_object_header(object, "etag"));
    CHECK_TEXT("attachment; filename=\"\xc3\xbc.txt\"",
               s3stream_object_header(object, "content-disposition"));
    const void *bytes = s3stream_object_header_bytes(object, "content-disposition", &length);
    CHECK_BYTES(bytes, length, "attachment; filename=\"\xfc.txt\"");
    claim("headers are kept");
}

static void user_metadata_is_kept(const s3stream_object *object) {
    size_t length = 0;
    CHECK_NUMBER(6, s3stream_object_metadata_count(object));
    CHECK_TEXT("name", s3stream_object_metadata_name(object, 0));
    CHECK_TEXT("JULI\xc3\x81N", s3stream_object_metadata_value(object, 0));
    const void *bytes = s3stream_object_metadata_bytes(object, 0, &length);
    CHECK_BYTES(bytes, length, "JULI\xc1N");
    bytes = s3stream_object_metadata_bytes(object, 2, &length);
    CHECK_BYTES(bytes, length, "=?UTF-8?B?SlVMScOBTg==?=");
    CHECK_TEXT("a", s3stream_object_metadata_value(object, 4));
    CHECK_TEXT("b", s3stream_object_metadata_value(object, 5));
    length = 7;
    CHECK(s3stream_object_metadata_bytes(object, 6, &length) == NULL && length == 7);
    CHECK_NUMBER(2, s3stream_object_missing_meta(object));
    claim("user metadata is kept to the byte, in its order");
}

static void details_are_kept(const s3stream_object *object) {
    int64_t time = 0;
    CHECK_NUMBER(3, s3stream_object_tag_count(object));
    CHECK_TEXT("AES256", s3stream_object_encryption(object));
    CHECK_TEXT(NULL, s3stream_object_kms_key_id(object));
    CHECK_TEXT("GOVERNANCE", s3stream_object_retention_mode(object));
    CHECK(s3stream_object_retain_until(object, &time) && time == 2000000000);
    CHECK_TEXT("ON", s3stream_object_legal_hold(object));
    CHECK_TEXT("REPLICA", s3stream_object_replication_status(object));
    CHECK_NUMBER(1, s3stream_object_unread_count(object));
    CHECK_TEXT("x-amz-mp-parts-count", s3stream_object_unread_name(object, 0));
    CHECK_TEXT("restored", s3stream_object_restore_status(object));
    time = 0;
    CHECK(s3stream_object_restored_until(object, &time) && time == 2000000000);
    claim("encryption, lock, tags and restore are kept");
}

static void tags_and_acls_are_asked_for(void) {
    struct server server = server_start_embedded();
    s3stream_client *client = client_for(server_url(&server));
    s3stream_tags *tags = NULL;
    s3stream_acl *acl = NULL;

    CHECK_STATUS(OK, s3stream_client_tags(client, "bucket", "big", NULL, &tags));
    CHECK_NUMBER(0, s3stream_tags_count(tags));
    CHECK_TEXT(NULL, s3stream_tags_key(tags, 0));
    s3stream_tags_free(tags);
    tags = NULL;
    CHECK_STATUS(NOT_FOUND, s3stream_client_tags(client, "bucket", "none", NULL, &tags));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_tags(client, "bucket", "", NULL, &tags));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_tags(client, "bucket", NULL, NULL, &tags));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_acl(client, NULL, "big", NULL, &acl));
    CHECK(tags == NULL && acl == NULL);
    s3stream_list_options *options = s3stream_list_options_new();
    CHECK_STATUS(OK, s3stream_list_options_set_restore_status(options, true));
    CHECK_STATUS(INVALID_INPUT, s3stream_list_options_set_restore_status(NULL, true));
    s3stream_list_options_free(options);
    s3stream_tags_free(NULL);
    s3stream_acl_free(NULL);
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    claim("tags are asked for; a missing object and NULL are told");
}

int main(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s/metadata_of_any_bytes_is_kept.fault", getenv("S3STREAM_FAULTS"));
    const char *const arguments[] = {path, NULL};
    struct server server = server_start("s3stream-fault-server", arguments);
    s3stream_config *config = config_for(server_url(&server));
    s3stream_client *client = NULL;
    s3stream_reader *reader = NULL;
    size_t count = 99;

    const char *id = server_setting(&server, "access_key_id");
    CHECK_STATUS(OK, s3stream_config_set(config, "access_key_id", id));
    const char *secret = server_setting(&server, "secret_access_key");
    CHECK_STATUS(OK, s3stream_config_set(config, "secret_access_key", secret));
    CHECK_STATUS(OK, s3stream_client_new(config, &client));
    s3stream_config_free(config);
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "key", NULL, &reader));
    CHECK_STATUS(OK, s3stream_reader_read(reader, path, sizeof path, &count));
    CHECK_NUMBER(0, count);
    s3stream_object *object = s3stream_object_clone(s3stream_reader_object(reader));
    s3stream_reader_free(reader);
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    headers_are_kept(object);
    user_metadata_is_kept(object);
    details_are_kept(object);
    s3stream_object_free(object);
    tags_and_acls_are_asked_for();
    return done();
}
