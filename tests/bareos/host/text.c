/* Text that grows, JSON strings, and hexadecimal names in a catalogue. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static void make_room(struct text *text, size_t more) {
    if (text->length + more + 1 > text->room) {
        text->room = 2 * text->room + more + 256;
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL) {
            fail("no memory");
        }
    }
}

void text_add(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    make_room(text, (size_t)length);
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_add_json(struct text *text, const char *string) {
    text_add(text, "\"");
    for (const unsigned char *c = (const unsigned char *)string; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            text_add(text, "\\%c", *c);
        } else if (*c < 0x20) {
            text_add(text, "\\u%04x", *c);
        } else {
            text_add(text, "%c", *c);
        }
    }
    text_add(text, "\"");
}

void text_free(struct text *text) {
    free(text->bytes);
    memset(text, 0, sizeof *text);
}

char *hex_of(const unsigned char *bytes, size_t length) {
    char *hex = malloc(2 * length + 2);
    if (hex == NULL) {
        fail("no memory");
    }
    for (size_t i = 0; i < length; i++) {
        sprintf(hex + 2 * i, "%02x", bytes[i]);
    }
    /* An empty word would be lost between blanks. */
    strcpy(hex + 2 * length, length == 0 ? "-" : "");
    return hex;
}

unsigned char *bytes_of_hex(const char *hex, size_t *length) {
    *length = hex[0] == '-' ? 0 : strlen(hex) / 2;
    unsigned char *bytes = calloc(1, *length + 1);
    if (bytes == NULL) {
        fail("no memory");
    }
    for (size_t i = 0; i < *length; i++) {
        unsigned int byte = 0;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
            fail("not hexadecimal: %s", hex);
        }
        bytes[i] = (unsigned char)byte;
    }
    return bytes;
}
