/* Keys as file names: the core's mapping, both ways, for keys with NULs too. */
#include "harness.h"

static const struct {
    const char *key;
    size_t length;
    const char *name;
} TABLE[] = {
    {"photos/2024/a b.jpg", 19, "photos/2024/a b.jpg"},
    {"../etc/passwd", 13, "%2E%2E/etc/passwd"},
    {"/a//b/", 6, "%_/a/%_/b/%_"},
    {"50%\n", 4, "50%25%0A"},
    {"a\0b", 3, "a%00b"},
};

int main(void) {
    s3stream_text *name = NULL;
    s3stream_text *key = NULL;

    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        CHECK_STATUS(OK, s3stream_file_name(TABLE[i].key, TABLE[i].length, &name));
        CHECK_TEXT(TABLE[i].name, s3stream_text_data(name));
        CHECK_NUMBER(strlen(TABLE[i].name), s3stream_text_length(name));
        CHECK_STATUS(OK, s3stream_key(s3stream_text_data(name), &key));
        CHECK_NUMBER(TABLE[i].length, s3stream_text_length(key));
        CHECK(memcmp(TABLE[i].key, s3stream_text_data(key), TABLE[i].length) == 0);
        s3stream_text_free(name);
        s3stream_text_free(key);
    }
    claim("every key has a file name and comes back, NULs included");

    s3stream_text *version = NULL;
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        CHECK_STATUS(OK, s3stream_version_file_name(TABLE[i].key, TABLE[i].length, "a/b", &name));
        CHECK_STATUS(INVALID_INPUT, s3stream_key(s3stream_text_data(name), &key));
        CHECK_STATUS(OK, s3stream_version_of(s3stream_text_data(name), &key, &version));
        CHECK_NUMBER(TABLE[i].length, s3stream_text_length(key));
        CHECK(memcmp(TABLE[i].key, s3stream_text_data(key), TABLE[i].length) == 0);
        CHECK_TEXT("a/b", s3stream_text_data(version));
        s3stream_text_free(name);
        s3stream_text_free(key);
        s3stream_text_free(version);
    }
    CHECK_STATUS(OK, s3stream_version_file_name("a", 1, "null", &name));
    CHECK_TEXT("%versions/a/%=null", s3stream_text_data(name));
    s3stream_text_free(name);
    CHECK_STATUS(INVALID_INPUT, s3stream_version_of("a", &key, &version));
    claim("every version has a path that is no key's, and comes back");

    key = NULL;
    CHECK_STATUS(INVALID_INPUT, s3stream_key("../x", &key));
    CHECK_STATUS(INVALID_INPUT, s3stream_key("", &key));
    CHECK_STATUS(INVALID_INPUT, s3stream_key("a%\xff", &key));
    CHECK_STATUS(INVALID_INPUT, s3stream_file_name("\xff", 1, &key));
    CHECK_STATUS(INVALID_INPUT, s3stream_file_name("x", SIZE_MAX, &key));
    CHECK(key == NULL);
    claim("what is no name and what is no key is refused");

    struct server server = server_start_embedded();
    s3stream_client *client = client_for(server_url(&server));
    s3stream_names *names = s3stream_names_new();
    s3stream_list *list = NULL;
    const s3stream_entry *entry = NULL;
    size_t count = 0;
    CHECK_STATUS(OK, s3stream_client_list(client, "bucket", NULL, &list));
    for (;;) {
        CHECK_STATUS(OK, s3stream_list_next(list, &entry));
        if (entry == NULL) {
            break;
        }
        const s3stream_object *object = s3stream_entry_object(entry);
        CHECK_STATUS(OK, s3stream_names_file_name(names, object, &name));
        CHECK_STATUS(OK, s3stream_key(s3stream_text_data(name), &key));
        CHECK_TEXT(s3stream_object_key(object), s3stream_text_data(key));
        s3stream_text_free(name);
        s3stream_text_free(key);
        count++;
    }
    CHECK_NUMBER(2501, count);
    s3stream_list_free(list);
    s3stream_names_free(names);
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    claim("a listing's names lead back to its keys");
    return done();
}
