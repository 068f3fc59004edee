/*
 * Scenarios: lines `NAME VALUE`, a job each up to a line `end`.
 *
 *   job NAME                  type backup | estimate | restore | imports
 *   definition TEXT           a line of the FileSet as the daemon passes it on; repeatable
 *   override TEXT             options of the run; after the FileSet in a backup, in front in a restore
 *   override_first yes | no   they come before the FileSet all the same
 *   excluded GLOB             what the FileSet's own rules leave out; repeatable
 *   late_cancel yes | no      the cancel event comes when the job has ended for the plugin
 *   module_path DIR           module_name NAME
 *   working_dir DIR           config FILE
 *   level F | I | D           since SECONDS
 *   time TEXT                 of its start, as job names have it
 *   base NAME                 the job that this one is based on, with time and number
 *   accurate DIR              compare with the catalogue of this volume; repeatable
 *   accurate_options LETTERS  of m, c, s, i
 *   volume DIR                where files go to, or come from
 *   keep yes | no             whether their bytes are kept
 *   where DIR                 replace a | w | n | o
 *   block_size BYTES          xattrs yes | no
 *   cancel_at_read NUMBER     the cancel event comes while this read runs
 *   modules yes | no          whether the result names what is imported at the job's end
 *   imports TEXT              Python statements instead of a plugin
 *   repeat NUMBER             threads NUMBER: so many threads run so many jobs each
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"

static long number_of(const char *value) {
    char *end;
    long number = strtol(value, &end, 10);
    if (*end != '\0' || end == value) {
        fail("no number: %s", value);
    }
    return number;
}

static void append(char **list, int *count, const char *value) {
    if (*count == MOST_DEFINITIONS) {
        fail("too many of these: %s", value);
    }
    list[(*count)++] = strdup(value);
}

static bool set_text(struct plan *plan, const char *name, const char *value) {
    struct {
        const char *name;
        char **place;
    } texts[] = {
        {"job", &plan->name}, {"type", &plan->type}, {"override", &plan->override},
        {"module_path", &plan->module_path}, {"module_name", &plan->module_name},
        {"working_dir", &plan->working_dir}, {"config", &plan->config},
        {"accurate_options", &plan->accurate_options}, {"volume", &plan->volume},
        {"where", &plan->where}, {"imports", &plan->imports},
        {"base", &plan->base}, {"time", &plan->time},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].place = strdup(value);
            return true;
        }
    }
    return false;
}

static bool set_number(struct plan *plan, const char *name, const char *value) {
    struct {
        const char *name;
        long *place;
    } numbers[] = {
        {"since", &plan->since}, {"block_size", &plan->block_size}, {"repeat", &plan->repeat},
        {"threads", &plan->threads}, {"cancel_at_read", &plan->cancel_at_read},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].place = number_of(value);
            return true;
        }
    }
    return false;
}

static void set(struct plan *plan, const char *name, const char *value) {
    if (strcmp(name, "definition") == 0) {
        append(plan->definitions, &plan->definition_count, value);
    } else if (strcmp(name, "excluded") == 0) {
        append(plan->excluded, &plan->excluded_count, value);
    } else if (strcmp(name, "late_cancel") == 0) {
        plan->is_cancelled_late = strcmp(value, "yes") == 0;
    } else if (strcmp(name, "override_first") == 0) {
        plan->has_override_first = strcmp(value, "yes") == 0;
    } else if (strcmp(name, "accurate") == 0) {
        append(plan->accurate, &plan->accurate_count, value);
    } else if (strcmp(name, "level") == 0) {
        plan->level = value[0];
    } else if (strcmp(name, "replace") == 0) {
        plan->replace = value[0];
    } else if (strcmp(name, "keep") == 0) {
        plan->keeps_data = strcmp(value, "yes") == 0;
    } else if (strcmp(name, "modules") == 0) {
        plan->lists_modules = strcmp(value, "yes") == 0;
    } else if (strcmp(name, "xattrs") == 0) {
        plan->has_xattrs = strcmp(value, "yes") == 0;
    } else if (!set_text(plan, name, value) && !set_number(plan, name, value)) {
        fail("a scenario has no '%s'", name);
    }
}

static struct plan new_plan(void) {
    struct plan plan = {
        .name = "job", .type = "backup", .working_dir = "/tmp", .config = "/nonexistent",
        .accurate_options = "mcs", .level = 'F', .replace = 'a', .block_size = BLOCK_SIZE,
        .time = "2026-01-01_00.00.00", .repeat = 1, .threads = 1, .has_xattrs = true,
    };
    return plan;
}

struct plan *read_scenario(const char *path, size_t *count) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail("%s cannot be read", path);
    }
    struct plan *plans = NULL;
    struct plan plan = new_plan();
    char *line = NULL;
    size_t room = 0;
    *count = 0;
    while (getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == '\0' || *line == '#') {
            continue;
        }
        if (strcmp(line, "end") == 0) {
            plans = realloc(plans, (*count + 1) * sizeof plan);
            plans[(*count)++] = plan;
            plan = new_plan();
            continue;
        }
        char *value = strchr(line, ' ');
        if (value == NULL) {
            fail("no value: %s", line);
        }
        *value++ = '\0';
        set(&plan, line, value);
    }
    free(line);
    fclose(file);
    return plans;
}
