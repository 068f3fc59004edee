/* Settings by name and value: known names with help, wrong ones named, nothing half done. */
#include "harness.h"

static void settings_are_listed_with_their_help(void) {
    size_t count = s3stream_setting_count();
    int has_timeout = 0;

    CHECK(count >= 20);
    for (size_t i = 0; i < count; i++) {
        CHECK(strlen(s3stream_setting_name(i)) > 0);
        CHECK(strlen(s3stream_setting_help(i)) > 0);
        CHECK(s3stream_setting_default(i) != NULL);
        has_timeout |= strcmp(s3stream_setting_name(i), "stall_timeout") == 0 &&
                       strcmp(s3stream_setting_default(i), "60") == 0;
    }
    CHECK(has_timeout);
    CHECK_TEXT(NULL, s3stream_setting_name(count));
    CHECK_TEXT(NULL, s3stream_setting_help(SIZE_MAX));
    claim("settings are listed with name, help and default");
}

static void a_default_is_a_value_that_can_be_set(void) {
    s3stream_config *config = s3stream_config_new();
    for (size_t i = 0; i < s3stream_setting_count(); i++) {
        if (*s3stream_setting_default(i) != 0) {
            CHECK_STATUS(OK, s3stream_config_set(config, s3stream_setting_name(i),
                                                 s3stream_setting_default(i)));
        }
    }
    s3stream_config_free(config);
    claim("every default is a value that can be set");
}

static void a_wrong_name_or_value_is_named_at_once(void) {
    s3stream_config *config = s3stream_config_new();
    s3stream_client *client = NULL;

    CHECK_STATUS(INVALID_INPUT, s3stream_config_set(config, "stal_timeout", "1"));
    CHECK_LINE("did you mean 'stall_timeout'");
    CHECK_STATUS(INVALID_INPUT, s3stream_config_set(config, "stall_timeout", "soon"));
    CHECK_LINE("stall_timeout: 'soon' is not seconds");
    CHECK_STATUS(INVALID_INPUT, s3stream_config_set(config, "", "1"));
    CHECK_STATUS(INVALID_INPUT, s3stream_config_set(config, "memory_limit", "-1"));
    CHECK_STATUS(INVALID_INPUT, s3stream_config_set(config, "region", "\xff"));
    CHECK_LINE("value is not UTF-8");
    CHECK_STATUS(INVALID_INPUT, s3stream_config_set(config, "secret_access_key", "hunter2\n"));
    CHECK(strstr(s3stream_error_line(s3stream_last_error()), "hunter2") == NULL);

    /* None of these may have spoilt it. */
    CHECK_STATUS(OK, s3stream_config_set(config, "endpoint_url", "http://127.0.0.1:1"));
    CHECK_STATUS(OK, s3stream_config_set(config, "anonymous", "true"));
    CHECK_STATUS(OK, s3stream_client_new(config, &client));
    CHECK(client != NULL);
    s3stream_client_free(client);
    s3stream_config_free(config);
    claim("a wrong name or value is named at once and spoils nothing");
}

static void what_does_not_fit_together_is_told_by_the_client(void) {
    s3stream_config *config = s3stream_config_new();
    s3stream_client *client = (s3stream_client *)&client;

    CHECK_STATUS(OK, s3stream_config_set(config, "endpoint_url", "http://127.0.0.1:1"));
    CHECK_STATUS(OK, s3stream_config_set(config, "addressing_style", "virtual"));
    CHECK_STATUS(OK, s3stream_config_set(config, "anonymous", "true"));
    CHECK_STATUS(INVALID_INPUT, s3stream_client_new(config, &client));
    CHECK_LINE("addressing_style");
    CHECK(client == (s3stream_client *)&client);
    s3stream_config_free(config);
    claim("an output is written only on success");
}

int main(void) {
    settings_are_listed_with_their_help();
    a_default_is_a_value_that_can_be_set();
    a_wrong_name_or_value_is_named_at_once();
    what_does_not_fit_together_is_told_by_the_client();
    return done();
}
