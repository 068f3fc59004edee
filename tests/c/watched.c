/* Mistakes on purpose: AddressSanitizer and valgrind must tell of each, or they do not watch. */
#include "harness.h"

int main(int count, char **arguments) {
    const char *mistake = count == 2 ? arguments[1] : "";

    if (strcmp(mistake, "none") == 0) {
        s3stream_config_free(s3stream_config_new());
    } else if (strcmp(mistake, "leak") == 0) {
        CHECK(s3stream_config_new() != NULL);
    } else if (strcmp(mistake, "double-free") == 0) {
        s3stream_config *config = s3stream_config_new();
        s3stream_config_free(config);
        s3stream_config_free(config);
    } else if (strcmp(mistake, "use-after-free") == 0) {
        s3stream_text *text = NULL;
        CHECK_STATUS(OK, s3stream_file_name("key", 3, &text));
        const char *data = s3stream_text_data(text);
        s3stream_text_free(text);
        return data[0] == 'k';
    } else if (strcmp(mistake, "no-end") == 0) {
        /* Text without a NUL: the library cannot know where it ends. */
        s3stream_text *text = NULL;
        char *name = malloc(8);
        memset(name, 'k', 8);
        CHECK_STATUS(OK, s3stream_key(name, &text));
        s3stream_text_free(text);
        free(name);
    } else {
        return 2;
    }
    return 0;
}
