// The header is C++ too: it compiles there, and links to the same names.
#include <s3stream.h>

#include <cstring>

int main() {
    s3stream_status status = s3stream_config_set(nullptr, "region", "x");
    const s3stream_error *error = s3stream_last_error();
    return status == S3STREAM_INVALID_INPUT && s3stream_error_status(error) == status &&
                   std::strstr(s3stream_error_line(error), "NULL") != nullptr
               ? 0
               : 1;
}
